package io.pgcaretaker.cleanup.policy;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What must not be kept: the rows of one table that are older than the retention and meet the filter, with their
 * dependents.
 *
 * @param schema the table's schema; absent: wherever exactly one schema has a table of that name
 * @param key the columns that identify a row; empty: the primary key
 * @param filter conditions that a row must meet as well
 * @param dependents tables that are deleted with a row although their foreign key does not cascade, as {@code table} or
 *     {@code schema.table}
 * @param triggers delete triggers that may fire, by name
 * @param restore what an undo sets, for soft deletion; empty: there is no undo
 * @param restoreDependents what comes back with a row that is restored
 * @param action what becomes of the rows
 * @param rhythm when it runs
 * @param mode effective, after the global mode
 * @param pace how hard it works
 * @param optional a table of that name without the columns is another one: not applicable instead of an error
 * @param rememberKeys digests of the keys of deleted rows are kept, so that a restored backup can be purged again
 * @param notice who is told before a row goes; absent: nobody
 */
public record RetentionPolicy(
        String name,
        String description,
        @Nullable String schema,
        String table,
        List<String> key,
        AgeColumn age,
        Retention retention,
        List<Condition> filter,
        Action action,
        List<String> dependents,
        List<String> triggers,
        List<Assignment> restore,
        List<RestoredDependent> restoreDependents,
        Rhythm rhythm,
        Limits limits,
        Mode mode,
        Pace pace,
        boolean optional,
        boolean rememberKeys,
        @Nullable Notice notice) {

    private static final int LONGEST_NAME = 63;

    private static final Pattern NAME = Pattern.compile("[a-z0-9]+(?:-[a-z0-9]+)*");

    /** What {@link #toString} has between two texts. */
    private static final Pattern BETWEEN = Pattern.compile("[,=\\[\\]]");

    /** What an undo sets a column to. */
    public record Assignment(String column, Condition.Is to) {
        public Assignment {
            if (to == Condition.Is.NOT_NULL) {
                throw new IllegalArgumentException("restore sets " + column + " to true, false or null");
            }
        }
    }

    public RetentionPolicy {
        key = List.copyOf(key);
        filter = List.copyOf(filter);
        dependents = List.copyOf(dependents);
        triggers = List.copyOf(triggers);
        restore = List.copyOf(restore);
        restoreDependents = List.copyOf(restoreDependents);
        require(NAME.matcher(name).matches(), "name must be of a-z, 0-9 and single hyphens, but is '" + name + "'");
        // Part of the names of archived files, of metrics and of links.
        require(
                name.length() <= LONGEST_NAME,
                "name must have at most " + LONGEST_NAME + " characters, but is '" + name + "'");
        require(!table.isBlank(), "table must not be blank");
        // An empty name would stand for "wherever it is".
        require(schema == null || !schema.isBlank(), "schema must not be blank");
        require(!age.column().isBlank(), "age.column must not be blank");
        require(
                age.means() == AgeColumn.Means.END_OF_LIFE || !retention.isShorterThanADay(),
                "retention must be at least 1 day, but is '" + retention + "'");
        require(
                restore.isEmpty() || action.is(Action.Kind.DELETE),
                "restore is for soft deletion, not for the action "
                        + action.kind().wireName());
        require(
                restore.isEmpty() || age.epoch() == null,
                "restore is for an age that is a date or a timestamp, not for one that counts " + age.epoch());
        require(restoreDependents.isEmpty() || !restore.isEmpty(), "restore-dependents needs restore");
        require(
                !rememberKeys || action.is(Action.Kind.DELETE),
                "remember-keys is for the action delete, not for "
                        + action.kind().wireName());
        require(
                !action.is(Action.Kind.DROP_PARTITIONS) || (filter.isEmpty() && dependents.isEmpty()),
                "a policy that drops whole partitions can have no filter and no dependents");
        require(
                notice == null || (action.is(Action.Kind.DELETE) && !restore.isEmpty()),
                "notice is for the action delete and needs restore: the mail offers the way back");
        require(
                notice == null || retention.isLongerThan(notice.before()),
                "notice.before must be shorter than the retention, " + retention);
    }

    /** A policy that deletes nothing tells nobody that it will. */
    public boolean givesNotice() {
        return notice != null && mode == Mode.ENFORCE;
    }

    /** Of its own table, those that it names. */
    Set<String> columns() {
        Set<String> columns = new TreeSet<>(key);
        columns.add(age.column());
        filter.forEach(condition -> columns.add(condition.column()));
        action.masks().forEach(mask -> columns.add(mask.column()));
        restore.forEach(undo -> columns.add(undo.column()));
        if (notice != null) {
            columns.add(notice.emailColumn());
            Optional.ofNullable(notice.nameColumn()).ifPresent(columns::add);
        }
        return columns;
    }

    /** How far apart runs are. */
    public Duration every() {
        return rhythm.every();
    }

    public Duration batchTarget() {
        return pace.batchTarget();
    }

    private static void require(boolean condition, String rule) {
        if (!condition) {
            throw new IllegalArgumentException(rule);
        }
    }

    /** Two policies can be written as one where a text has in it what stands between texts: then how long each is counts, too. */
    private String lengths() {
        List<List<String>> lists = List.of(
                key,
                dependents,
                triggers,
                filter.stream()
                        .flatMap(condition -> Stream.concat(Stream.of(condition.column()), condition.in().stream()))
                        .toList(),
                action.masks().stream()
                        .flatMap(mask -> Stream.of(mask.column(), String.valueOf(mask.value())))
                        .toList());
        boolean clear = lists.stream()
                .flatMap(List::stream)
                .noneMatch(text -> BETWEEN.matcher(text).find());
        return clear
                ? ""
                : lists.stream()
                        .map(list -> list.stream().map(String::length).toList().toString())
                        .collect(Collectors.joining());
    }

    /** The policy's version: a run is only ever carried on under the very policy it began with. */
    public String hash() {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest((this + lengths()).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
