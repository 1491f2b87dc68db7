package io.pgcaretaker.cleanup.statement;

import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.policy.AgeColumn;
import io.pgcaretaker.cleanup.policy.Retention;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** How a statement speaks of ages: of dates and times, or of numbers that count from 1970 on. */
public final class Ages {

    private static final Pattern TIME = Pattern.compile("date|timestamp(\\(\\d\\))? with(out)? time zone");
    private static final Pattern NUMBER = Pattern.compile("integer|bigint");
    private static final Pattern NO_CAST =
            Pattern.compile("smallint|integer|bigint|numeric.*|real|double precision|boolean");

    /**
     * Numbers below it are no age: 0 and -1 say "never", and what is counted in another unit than the policy says lies before, by
     * milliseconds for seconds as well as by microseconds for milliseconds. So a wrong unit lets nothing go.
     */
    private static final Instant FIRST = Instant.parse("1980-01-01T00:00:00Z");

    /** Numbers above it say "never", too; PostgreSQL could not make a time of each. */
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

    /**
     * To PostgreSQL they are first of all abbreviations, of winter's time all the year. As zones they have summers, and are other
     * names of a place's.
     */
    private static final Map<String, String> PLACES =
            Map.of("CET", "Europe/Brussels", "EET", "Europe/Athens", "MET", "Europe/Brussels", "WET", "Europe/Lisbon");

    private Ages() {}

    /** Why a column cannot say how old a row is. */
    public static Optional<String> problem(AgeColumn age, Table table) {
        String type = table.type(age.column());
        String column = "column '" + age.column() + "' of " + table.name();
        if (age.epoch() != null) {
            return NUMBER.matcher(type).matches()
                    ? Optional.empty()
                    : Optional.of(
                            column + " must be integer or bigint, as age.epoch says what it counts, but is " + type);
        }
        if (TIME.matcher(type).matches()) {
            return Optional.empty();
        }
        String problem = noTime(age.column(), table);
        return Optional.of(
                NUMBER.matcher(type).matches()
                        ? problem + "; where it counts from 1970 on, say what (age.epoch: seconds, milliseconds or"
                                + " microseconds)"
                        : problem);
    }

    private static String noTime(String column, Table table) {
        return "column '" + column + "' of " + table.name()
                + " must be a timestamp, with or without time zone, or a date, but is " + table.type(column);
    }

    /** Why no time can be made of a column that is not the age's: whatever PostgreSQL casts to one will do. */
    static Optional<String> castProblem(String column, Table table) {
        return NO_CAST.matcher(table.type(column)).matches() ? Optional.of(noTime(column, table)) : Optional.empty();
    }

    /** Whether a value says by itself which moment it means. */
    public static boolean isZoned(AgeColumn age, Table table) {
        return age.epoch() != null || table.type(age.column()).endsWith("with time zone");
    }

    /** The cutoff in the age column's own type, so that its index serves. */
    static Sql cutoff(Table table, AgeColumn age, Instant cutoff) {
        if (age.epoch() != null) {
            return Sql.of("cast(? as bigint)", String.valueOf(age.epoch().of(cutoff)));
        }
        String type = table.type(age.column());
        String text;
        if (type.endsWith("with time zone")) {
            text = cutoff.toString();
        } else {
            var local = Retention.local(cutoff.atZone(ZoneOffset.UTC), age.zone());
            text = type.equals("date") ? local.toLocalDate().toString() : local.toString();
        }
        return Sql.of("cast(? as " + type + ")", text);
    }

    /**
     * What a row needs to have an age at all, where the comparison with the cutoff does not say so already: it excludes null.
     * Not by {@code >}: to estimate that, the planner looks for the index's first live entry, past all that have just gone.
     */
    static Sql present(AgeColumn age, String expression) {
        return Sql.of(
                age.epoch() == null
                        ? expression + " <> '-infinity'"
                        : "nullif(" + expression + " >= " + age.epoch().of(FIRST) + ", false) is not null");
    }

    /** Whether all ages below a bound are too old. What ends where no age can be may hold rows of any. */
    public static Sql past(ArmedPolicy armed, Instant cutoff, String bound) {
        AgeColumn age = armed.policy().age();
        return Sql.format(bound + " <= %s and %s", cutoff(armed.table(), age, cutoff), present(age, bound));
    }

    /** An age as an instant, whatever the column's type. */
    public static String instant(ArmedPolicy armed, String expression) {
        return instant(armed.ageType(), armed.policy().age(), expression);
    }

    /**
     * The same where no policy is armed yet.
     *
     * @param type of the expression
     */
    public static String instant(String type, AgeColumn age, String expression) {
        if (age.epoch() != null) {
            return "(case when " + expression + " between " + age.epoch().of(FIRST) + " and "
                    + age.epoch().of(LAST) + " then timestamptz 'epoch' + cast(" + expression
                    + " as float8) * interval '1 " + age.epoch().unit() + "' end)";
        }
        if (type.endsWith("with time zone")) {
            return expression;
        }
        return local(type, expression) + " at time zone " + zone(age.zone());
    }

    /** In a text PostgreSQL takes +02:00 to lie west of Greenwich, as POSIX has it. */
    private static String zone(ZoneId zone) {
        return zone.getRules().isFixedOffset()
                ? "interval '" + zone.getRules().getOffset(Instant.EPOCH).getTotalSeconds() + " seconds'"
                : "'" + PLACES.getOrDefault(zone.getId(), zone.getId()).replace("'", "''") + "'";
    }

    /** A date may be later than any timestamp, and to cast it an error; it is as good as never. */
    private static String local(String type, String expression) {
        return type.equals("date")
                ? "(case when " + expression + " < '294276-01-01' then " + expression + "::timestamp" + " when "
                        + expression + " is not null then 'infinity' end)"
                : expression + "::timestamp";
    }
}
