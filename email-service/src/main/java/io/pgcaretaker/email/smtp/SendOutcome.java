package io.pgcaretaker.email.smtp;

import org.jspecify.annotations.Nullable;

/** What became of one attempt. Every outcome but a fault of the transport uses the attempt up. */
public sealed interface SendOutcome {

    /** The word in the ledger, in the metric and in the log. */
    String name();

    Stage stage();

    /** The server's words or ours. */
    Reply reply();

    /** The server took it. */
    record Sent(Reply reply) implements SendOutcome {
        @Override
        public String name() {
            return "sent";
        }

        @Override
        public Stage stage() {
            return Stage.END_OF_DATA;
        }
    }

    /** Not now; certainly not taken. */
    record Deferred(Stage stage, Reply reply) implements SendOutcome {
        @Override
        public String name() {
            return "deferred";
        }
    }

    /**
     * Never.
     *
     * @param suppress true when the address does not exist
     */
    record Failed(Stage stage, Reply reply, boolean suppress) implements SendOutcome {
        @Override
        public String name() {
            return "failed";
        }
    }

    /** The mail was handed over completely and no answer came: taken or not, nobody knows. */
    record Unknown(Reply reply) implements SendOutcome {
        @Override
        public String name() {
            return "unknown";
        }

        @Override
        public Stage stage() {
            return Stage.END_OF_DATA;
        }
    }

    /** Nothing to do with this mail: connection, TLS, login, or a server that closes. */
    record TransportFault(Stage stage, Reply reply) implements SendOutcome {
        @Override
        public String name() {
            return "transport_fault";
        }
    }

    /** Our own words where no server spoke. */
    static Reply ours(String reason, @Nullable Throwable failure) {
        String detail = failure == null || failure.getMessage() == null ? "" : ": " + failure.getMessage();
        return new Reply(0, null, io.pgcaretaker.email.address.SafeText.oneLine(reason + detail, 500));
    }
}
