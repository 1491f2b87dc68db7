package io.pgcaretaker.cleanup.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cleanup.policy.Action;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * On which terms a run takes its rows. A policies file that is cut at its end is a valid one, whose last policy deletes what it is to
 * archive or to mask, or tells nobody.
 *
 * @param action what becomes of the rows, in the policy's word
 * @param age the column that says how old they are
 * @param notice whether somebody is told before
 */
public record Terms(String action, String age, boolean notice) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Something of a row is there afterwards. */
    private static final Set<String> KEEPING = Set.of(Action.Kind.ANONYMISE.wireName(), Action.Kind.ARCHIVE.wireName());

    static Terms of(RetentionPolicy policy) {
        return new Terms(policy.action().kind().wireName(), policy.age().column(), policy.notice() != null);
    }

    /** What lets more go than other terms would, in words; none where nothing does. */
    List<String> looserThan(Terms other) {
        List<String> looser = new ArrayList<>();
        if (KEEPING.contains(other.action) && !action.equals(other.action)) {
            looser.add("the action was " + other.action + "%s and is " + action);
        }
        if (!age.equals(other.age)) {
            looser.add("rows were as old as their " + other.age + "%s says and are as old as their " + age);
        }
        if (other.notice && !notice) {
            looser.add("somebody was told%s before a row went, and nobody is");
        }
        return looser;
    }

    /** As a run keeps it. */
    public static String write(RetentionPolicy policy) {
        try {
            return JSON.writeValueAsString(of(policy));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("terms are words", e);
        }
    }

    static @Nullable Terms read(@Nullable String text) throws SQLException {
        try {
            return text == null ? null : JSON.readValue(text, Terms.class);
        } catch (JsonProcessingException e) {
            throw new SQLException("cleanup_run.terms is not one", "22000", e);
        }
    }
}
