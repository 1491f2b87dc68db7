package io.pgcaretaker.email.smtp;

import org.jspecify.annotations.Nullable;

/** How far the conversation about one mail came. Written and read by the worker's thread alone. */
final class Progress {

    /** RFC 5321, section 3.8: the server is going away, whatever it was asked. */
    static final int CLOSING = 421;

    private Stage stage = Stage.CONNECT;
    private @Nullable Reply refusal;
    private @Nullable Reply accepted;

    /** Where it stands; the first refusal counts, what the server says after it is about that. */
    record Snapshot(
            Stage stage, @Nullable Reply refusal, @Nullable Reply accepted) {}

    Snapshot snapshot() {
        return new Snapshot(stage, refusal, accepted);
    }

    Stage stage() {
        return stage;
    }

    void at(Stage next) {
        if (refusal == null) {
            stage = next;
        }
    }

    void refused(Reply reply) {
        if (refusal == null) {
            refusal = reply;
        }
    }

    void accepted(Reply reply) {
        accepted = reply;
    }

    boolean isRefused() {
        return refusal != null;
    }

    /** Nothing was judged: the server had gone before MAIL reached it, or it says 421, which is about the connection. */
    boolean isUnheard() {
        return stage == Stage.MAIL && (refusal == null || refusal.code() == CLOSING);
    }
}
