package io.pgcaretaker.email.delivery;

import io.pgcaretaker.email.smtp.Reply;
import io.pgcaretaker.email.smtp.SendOutcome;
import io.pgcaretaker.email.smtp.Stage;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One line of the ledger. */
record AttemptLine(
        String outcome,
        @Nullable String transport,
        @Nullable Stage stage,
        @Nullable Reply reply,
        @Nullable Duration duration) {

    static AttemptLine of(SendOutcome outcome, String transport, Duration duration) {
        return new AttemptLine(outcome.name(), transport, outcome.stage(), outcome.reply(), duration);
    }

    /** A decision of ours, without a conversation. */
    static AttemptLine decided(String outcome, String reason) {
        return new AttemptLine(outcome, null, null, SendOutcome.ours(reason, null), null);
    }

    @Nullable
    String stageName() {
        return stage == null ? null : stage.wireName();
    }

    /** Our own words have none. */
    @Nullable
    Integer code() {
        return reply == null || reply.code() == 0 ? null : reply.code();
    }

    @Nullable
    String enhanced() {
        return reply == null ? null : reply.enhanced();
    }

    @Nullable
    String text() {
        return reply == null ? null : reply.text();
    }
}
