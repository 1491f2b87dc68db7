package io.pgcaretaker.cleanup.breaker;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cleanup.policy.Action;
import io.pgcaretaker.cleanup.policy.Condition;
import io.pgcaretaker.cleanup.policy.Notice;
import io.pgcaretaker.cleanup.policy.Notice.Undeliverable;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.Retention;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.statement.Ages;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * On which terms a run takes its rows. A policies file that is cut at its end is a valid one, whose last policy deletes what it is to
 * archive or to mask, or tells nobody; a deployment may lose a setting.
 *
 * @param action what becomes of the rows, in the policy's word
 * @param age the column that says how old they are
 * @param zone by which its times are read; absent: they have one of their own, or it is not known
 * @param notice whether somebody is told before
 * @param before how long before, at least; absent: nobody is told, or it is not known
 * @param undeliverable what becomes of a row of whom nobody can be told; absent with {@code before}
 * @param keys whether digests of the keys of rows that went are kept
 * @param counted by this policy's own word nothing goes, where others enforce
 * @param table its oid; absent: it is not known
 * @param columns numbers of those that decide which rows go; absent with {@code table}
 */
// A replica of before reads what a newer one wrote.
@JsonIgnoreProperties(ignoreUnknown = true)
public record Terms(
        String action,
        String age,
        @Nullable String zone,
        boolean notice,
        @Nullable String before,
        @Nullable Undeliverable undeliverable,
        boolean keys,
        boolean counted,
        @Nullable Long table,
        @Nullable Map<String, Integer> columns) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Something of a row is there afterwards. */
    private static final Set<String> KEEPING = Set.of(Action.Kind.ANONYMISE.wireName(), Action.Kind.ARCHIVE.wireName());

    static Terms of(ArmedPolicy armed, Policies policies) {
        RetentionPolicy policy = armed.policy();
        Notice notice = policy.notice();
        return new Terms(
                policy.action().kind().wireName(),
                policy.age().column(),
                Ages.isZoned(policy.age(), armed.table())
                        ? null
                        : policy.age().zone().getId(),
                notice != null,
                notice == null ? null : notice.before().toString(),
                notice == null ? null : notice.undeliverable(),
                policies.remembers(policy),
                policies.onlyCounts(policy),
                armed.table().oid(),
                numbers(armed));
    }

    private static Map<String, Integer> numbers(ArmedPolicy armed) {
        Map<String, Integer> numbers = new TreeMap<>();
        Stream.concat(
                        Stream.of(armed.policy().age().column()),
                        armed.policy().filter().stream().map(Condition::column))
                .forEach(column -> numbers.put(column, armed.table().numbers().getOrDefault(column, 0)));
        return numbers;
    }

    /** By another column of the same name rows may be old enough, or meet the filter, that were not or did not. */
    private List<String> exchanged(Terms before) {
        // Another table has its columns numbered anew, as one that was read back from a dump.
        if (table == null || !table.equals(before.table) || columns == null || before.columns == null) {
            return List.of();
        }
        Map<String, Integer> former = before.columns;
        return columns.entrySet().stream()
                .filter(column ->
                        !former.getOrDefault(column.getKey(), column.getValue()).equals(column.getValue()))
                .map(column -> "the column " + column.getKey() + " is another one of that name than it was")
                .toList();
    }

    /** What lets more go than other terms would, in words whose end the other terms are; none where nothing does. */
    private List<String> looserThan(Terms other) {
        List<String> looser = new ArrayList<>();
        if (KEEPING.contains(other.action) && !action.equals(other.action)) {
            looser.add("the action is " + action + " and was " + other.action);
        }
        if (!age.equals(other.age)) {
            looser.add("rows are as old as their " + age + " says and were as old as their " + other.age);
        }
        if (zone != null && other.zone != null && !zone.equals(other.zone)) {
            looser.add("times without a zone are read as " + zone + "'s and were as " + other.zone + "'s");
        }
        if (other.notice && !notice) {
            looser.add("nobody is told before a row goes, and somebody was");
        }
        if (before != null
                && other.before != null
                && Retention.parse(before).isEverShorterThan(Retention.parse(other.before))) {
            looser.add("people are told " + before + " before and were told " + other.before + " before");
        }
        if (undeliverable == Undeliverable.PURGE && other.undeliverable == Undeliverable.HOLD) {
            looser.add("who cannot be told goes all the same, and stayed");
        }
        if (other.keys && !keys) {
            looser.add("keys of rows that go are not remembered (CLEANUP_LEDGER_KEY), and were");
        }
        looser.addAll(exchanged(other));
        return looser;
    }

    /** As a run keeps it. */
    public static String write(ArmedPolicy armed, Policies policies) {
        try {
            return JSON.writeValueAsString(of(armed, policies));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("terms are words", e);
        }
    }

    /**
     * The same of a policy's own runs.
     *
     * @param text terms as a run keeps them
     * @param onlyCounted since then its rows were counted by the policy's own word, and nothing else
     */
    List<String> looserThan(@Nullable String text, boolean onlyCounted) throws SQLException {
        List<String> looser = new ArrayList<>(looserThan(text));
        if (onlyCounted && !counted) {
            looser.add("rows go, and were only counted (mode: shadow)");
        }
        return looser;
    }

    /** The same of terms as a run keeps them. */
    List<String> looserThan(@Nullable String text) throws SQLException {
        return text == null ? List.of() : looserThan(read(text));
    }

    /** Columns that are not those which a run began with, or asked with; the text is its terms. */
    List<String> exchangedSince(@Nullable String text) throws SQLException {
        return text == null ? List.of() : exchanged(read(text));
    }

    private static Terms read(String text) throws SQLException {
        try {
            return JSON.readValue(text, Terms.class);
        } catch (JsonProcessingException e) {
            throw new SQLException("cleanup_run.terms is not one", "22000", e);
        }
    }
}
