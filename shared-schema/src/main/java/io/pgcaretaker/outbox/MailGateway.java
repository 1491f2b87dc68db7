package io.pgcaretaker.outbox;

/** Hands one mail to email-service. */
public interface MailGateway {

    /** What email-service made of it. */
    sealed interface Outcome {
        /** Committed there; repeated hand-overs of the same key answer the same id. */
        record Accepted(String emailId) implements Outcome {}

        /** It will never be taken as it is (a 4xx of email-service's own that names a fault of the mail itself). */
        record Rejected(int status, String reason, Fault fault) implements Outcome {
            public Rejected(int status, String reason) {
                this(status, reason, Fault.OTHER);
            }
        }

        /** Not now: no answer, one of somebody else, a 5xx, 401, 403, 408, 429 or an open circuit. Nothing is known to be wrong with it. */
        record Unavailable(String reason) implements Outcome {}
    }

    /** What is wrong with a rejected mail, as far as its sender can do something about it. */
    enum Fault {
        /** The recipient's address cannot be one. */
        ADDRESS,
        /** Its key was used for another mail, which was taken. */
        ANOTHER_MAIL,
        OTHER
    }

    Outcome handOver(MailIntent intent);
}
