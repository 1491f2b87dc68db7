package io.pgcaretaker.email.delivery;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One line of the ledger. */
record AttemptLine(
        String outcome,
        @Nullable Stage stage,
        @Nullable Reply reply,
        @Nullable Duration duration) {

    static AttemptLine of(SendOutcome outcome, Duration duration) {
        return new AttemptLine(outcome.name(), outcome.stage(), outcome.reply(), duration);
    }

    /** A decision of ours, without a conversation. */
    static AttemptLine decided(String outcome, String reason) {
        return new AttemptLine(outcome, null, SendOutcome.ours(reason, null), null);
    }

    /** Sets outcome, stage, code, enhanced, reply and duration, and returns the next index. */
    static int set(PreparedStatement statement, int index, AttemptLine line) throws SQLException {
        statement.setString(index, line.outcome());
        statement.setString(
                index + 1, line.stage() == null ? null : line.stage().wireName());
        setReply(statement, index + 2, line.reply());
        if (line.duration() == null) {
            statement.setNull(index + 5, Types.BIGINT);
        } else {
            statement.setLong(index + 5, line.duration().toMillis());
        }
        return index + 6;
    }

    /** Sets code, enhanced and reply; our own words have no code. */
    static void setReply(PreparedStatement statement, int index, @Nullable Reply reply) throws SQLException {
        if (reply == null || reply.code() == 0) {
            statement.setNull(index, Types.INTEGER);
        } else {
            statement.setInt(index, reply.code());
        }
        statement.setString(index + 1, reply == null ? null : reply.enhanced());
        statement.setString(index + 2, reply == null ? null : reply.text());
    }
}
