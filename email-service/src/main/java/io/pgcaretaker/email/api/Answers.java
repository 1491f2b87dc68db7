package io.pgcaretaker.email.api;

import io.pgcaretaker.email.intake.AcceptOutcome;
import io.pgcaretaker.email.intake.RefusedException;
import io.pgcaretaker.problem.Problem;
import io.pgcaretaker.problem.ProblemException;
import java.util.List;
import java.util.UUID;

/** How outcomes and refusals become answers. */
class Answers {

    private Answers() {}

    static ProblemException problem(int status, String name, String message) {
        return new ProblemException(new Problem(name, name, status, message, List.of(), null));
    }

    static ProblemException problem(RefusedException refused) {
        return problem(refused.status(), refused.name(), refused.message());
    }

    static List<UUID> ids(AcceptOutcome outcome) {
        if (outcome instanceof AcceptOutcome.Accepted accepted) {
            return accepted.ids();
        }
        if (outcome instanceof AcceptOutcome.KeyReused) {
            throw problem(
                    409,
                    "invalid_idempotent_request",
                    "This idempotency key was used with another payload. Use a new key for a new request.");
        }
        throw problem(
                409,
                "concurrent_idempotent_requests",
                "Another request with this idempotency key is in progress. Try again.");
    }
}
