package io.pgcaretaker.outbox;

/** Hands one mail to email-service. */
public interface MailGateway {

    /** What email-service made of it. */
    sealed interface Outcome {
        /** Committed there; repeated hand-overs of the same key answer the same id. */
        record Accepted(String emailId) implements Outcome {}

        /** It will never be taken as it is (a 4xx that names a fault of the mail itself). */
        record Rejected(int status, String reason) implements Outcome {}

        /** Not now: no answer, a 5xx, 401, 403, 408, 429 or an open circuit. Nothing is known to be wrong with it. */
        record Unavailable(String reason) implements Outcome {}
    }

    Outcome handOver(MailIntent intent);
}
