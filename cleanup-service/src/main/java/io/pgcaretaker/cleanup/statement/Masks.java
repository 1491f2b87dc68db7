package io.pgcaretaker.cleanup.statement;

import static io.pgcaretaker.cleanup.statement.Fragments.column;

import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.policy.Mask;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The SQL of masks: what a column is set to, and whether a row still has something to mask. */
public final class Masks {

    /** Reserved for what must not resolve (RFC 2606). */
    private static final String DOMAIN = "anonymised.invalid";

    private Masks() {}

    /** {@code "a" = …, "b" = …}. */
    static Sql assignments(Table table, List<Mask> masks) {
        return Fragments.join(
                masks.stream()
                        .map(mask ->
                                Sql.format("%s = %s", Sql.of(TableName.quote(mask.column())), assigned(table, mask)))
                        .toList(),
                ", ");
    }

    /** A row that is masked in one column and not in another keeps the one as it is. */
    private static Sql assigned(Table table, Mask mask) {
        return switch (mask.with()) {
            case NULL, CONSTANT -> masked(table, mask);
            default ->
                Sql.format(
                        "case when %s then %s else %s end",
                        isOpen(table, mask), masked(table, mask), Sql.of(column("t", mask.column())));
        };
    }

    /** One of what a mask makes, all of which look alike; empty where it depends on the value. */
    public static Optional<Sql> example(Mask mask) {
        return switch (mask.with()) {
            case NULL, CONSTANT, KEEP_FORMAT -> Optional.empty();
            case HMAC -> Optional.of(Sql.of("'hmac:" + "0".repeat(64) + "'"));
            case RANDOM_ADDRESS -> Optional.of(Sql.of("'" + new UUID(0, 0) + "@" + DOMAIN + "'"));
        };
    }

    public static Sql masked(Table table, Mask mask) {
        String type = table.type(mask.column());
        String text = text(mask);
        return switch (mask.with()) {
            case NULL -> Sql.of("null");
            case CONSTANT -> Sql.of("cast(? as " + type + ")", String.valueOf(mask.value()));
            case HMAC -> Sql.of("caretaker.pseudonym(" + text + ")");
            case RANDOM_ADDRESS -> Sql.of("gen_random_uuid() || '@" + DOMAIN + "'");
            case KEEP_FORMAT -> Sql.of(keepFormat(text));
        };
    }

    /** To the letter: by a collation that takes different texts for equal PostgreSQL looks for no pattern. */
    private static String text(Mask mask) {
        return "(" + column("t", mask.column()) + "::text collate \"C\")";
    }

    /** What lies beyond ASCII counts as a letter: by the collation C, which whole databases have, none of it is one. */
    private static String keepFormat(String text) {
        return "regexp_replace(regexp_replace(" + text
                + ", '[[:alpha:]]|[^\\x01-\\x7f]', 'x', 'g'), '[[:digit:]]', '0', 'g')";
    }

    /** Some column is not masked yet: else the row is neither touched nor counted again. */
    static Sql open(Table table, List<Mask> masks) {
        return Sql.format(
                "(%s)",
                Fragments.join(masks.stream().map(mask -> isOpen(table, mask)).toList(), " or "));
    }

    private static Sql isOpen(Table table, Mask mask) {
        String name = column("t", mask.column());
        return switch (mask.with()) {
            case NULL -> Sql.of(name + " is not null");
            // As texts: PostgreSQL finds circles and boxes equal that have the same area, and cannot compare a json.
            case CONSTANT -> Sql.format("%s is distinct from (%s)::text", Sql.of(text(mask)), masked(table, mask));
            case HMAC -> Sql.of("(" + name + " is not null and " + text(mask) + " !~ '^hmac:[0-9a-f]{64}$')");
            case RANDOM_ADDRESS ->
                Sql.of("(" + name + " is not null and " + text(mask) + " !~ '^[0-9a-f-]{36}@"
                        + DOMAIN.replace(".", "[.]") + "$')");
            case KEEP_FORMAT ->
                Sql.of("(" + name + " is not null and " + text(mask) + " <> " + keepFormat(text(mask)) + ")");
        };
    }
}
