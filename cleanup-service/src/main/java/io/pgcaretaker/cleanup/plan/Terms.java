package io.pgcaretaker.cleanup.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cleanup.policy.Action;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * On which terms a run takes its rows. A policies file that is cut at its end is a valid one, whose last policy deletes what it is to
 * archive or to mask, or tells nobody; a deployment may lose a setting.
 *
 * @param action what becomes of the rows, in the policy's word
 * @param age the column that says how old they are
 * @param notice whether somebody is told before
 * @param keys whether digests of the keys of rows that went are kept
 */
public record Terms(String action, String age, boolean notice, boolean keys) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Something of a row is there afterwards. */
    private static final Set<String> KEEPING = Set.of(Action.Kind.ANONYMISE.wireName(), Action.Kind.ARCHIVE.wireName());

    static Terms of(RetentionPolicy policy, Policies policies) {
        return new Terms(
                policy.action().kind().wireName(),
                policy.age().column(),
                policy.notice() != null,
                policies.remembers(policy));
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
        if (other.notice && !notice) {
            looser.add("nobody is told before a row goes, and somebody was");
        }
        if (other.keys && !keys) {
            looser.add("keys of rows that go are not remembered (CLEANUP_LEDGER_KEY), and were");
        }
        return looser;
    }

    /** As a run keeps it. */
    public static String write(RetentionPolicy policy, Policies policies) {
        try {
            return JSON.writeValueAsString(of(policy, policies));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("terms are words", e);
        }
    }

    /** The same of terms as a run keeps them. */
    List<String> looserThan(@Nullable String text) throws SQLException {
        try {
            return text == null ? List.of() : looserThan(JSON.readValue(text, Terms.class));
        } catch (JsonProcessingException e) {
            throw new SQLException("cleanup_run.terms is not one", "22000", e);
        }
    }
}
