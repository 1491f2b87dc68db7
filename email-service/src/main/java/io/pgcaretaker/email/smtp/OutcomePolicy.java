package io.pgcaretaker.email.smtp;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Decides what an attempt's conversation means. */
final class OutcomePolicy {

    /** Of the login (RFC 4954), also when a server says it only at MAIL. */
    private static final Set<Integer> LOGIN = Set.of(454, 530, 534, 535, 538);

    private static final Reply TOO_LARGE = new Reply(552, "5.3.4", "the mail is larger than the server takes");

    private OutcomePolicy() {}

    /**
     * Reads the conversation; the client's failure only says what the wire does not.
     *
     * @param failure absent when the client reports success
     */
    static SendOutcome outcome(Progress.Snapshot wire, @Nullable Throwable failure) {
        if (wire.accepted() != null) {
            return new SendOutcome.Sent(wire.accepted());
        }
        if (wire.refusal() != null) {
            return refused(wire.stage(), wire.refusal());
        }
        if (!wire.stage().concernsTheMail()) {
            return local(wire.stage(), failure);
        }
        if (wire.stage() == Stage.END_OF_DATA) {
            return new SendOutcome.Unknown(
                    SendOutcome.ours("no answer to the mail's end, the server may have taken it", failure));
        }
        return new SendOutcome.Deferred(
                wire.stage(), SendOutcome.ours("no answer at " + wire.stage().wireName(), failure));
    }

    /** The server said at its greeting that it does not take as much. */
    static SendOutcome tooLarge() {
        return new SendOutcome.Failed(Stage.MAIL, TOO_LARGE, false);
    }

    private static SendOutcome refused(Stage stage, Reply reply) {
        if (!stage.concernsTheMail() || reply.code() == Progress.CLOSING || LOGIN.contains(reply.code())) {
            return new SendOutcome.TransportFault(stage, reply);
        }
        if (reply.code() >= 500) {
            return new SendOutcome.Failed(stage, reply, stage == Stage.RCPT && reply.isAddressFault());
        }
        return new SendOutcome.Deferred(stage, reply);
    }

    /** Nothing of this mail was on the wire. */
    private static SendOutcome local(Stage stage, @Nullable Throwable failure) {
        return new SendOutcome.TransportFault(stage, SendOutcome.ours("no transport at " + stage.wireName(), failure));
    }
}
