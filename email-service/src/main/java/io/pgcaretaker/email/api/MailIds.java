package io.pgcaretaker.email.api;

import io.pgcaretaker.problem.ProblemException;
import java.util.UUID;

/** Ids as they come in paths. */
final class MailIds {

    private MailIds() {}

    /** What is no id names nothing. */
    static UUID parse(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw notFound();
        }
    }

    static ProblemException notFound() {
        return Answers.problem(404, "not_found", "Email not found");
    }
}
