package io.pgcaretaker.email.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgcaretaker.email.intake.EmailRequest;
import io.pgcaretaker.problem.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code POST /emails/batch}: strict takes all or none, permissive takes what is well formed and names the rest. */
@ApplicationScoped
class Batch {

    private static final int MOST = 100;
    private static final String ENDPOINT = "/emails/batch";

    private final Submission submission;

    Batch(Submission submission) {
        this.submission = submission;
    }

    /** A mail that was refused. */
    public record Fault(int index, String message) {}

    EmailResource.Ids send(@Nullable String key, @Nullable String validation, @Nullable JsonNode body)
            throws SQLException {
        String checkedKey = IdempotencyHeader.checked(key);
        boolean permissive = permissive(validation);
        if (body == null || !body.isArray() || body.isEmpty() || body.size() > MOST) {
            throw Answers.problem(
                    422, "validation_error", "The request body must be an array of 1 to " + MOST + " emails.");
        }
        List<EmailRequest> emails = new ArrayList<>();
        List<Fault> faults = new ArrayList<>();
        for (int i = 0; i < body.size(); i++) {
            try {
                emails.add(submission.prepared(body.get(i)));
            } catch (ProblemException e) {
                if (!permissive) {
                    throw e;
                }
                faults.add(new Fault(i, String.valueOf(e.problem().detail())));
            }
        }
        List<EmailResource.Id> ids = emails.isEmpty()
                ? List.of()
                : submission.accept(ENDPOINT, checkedKey, body, emails).stream()
                        .map(EmailResource.Id::new)
                        .toList();
        return new EmailResource.Ids(ids, permissive ? faults : null);
    }

    private static boolean permissive(@Nullable String validation) {
        if (validation == null || validation.equals("strict")) {
            return false;
        }
        if (validation.equals("permissive")) {
            return true;
        }
        throw Answers.problem(422, "invalid_parameter", "`x-batch-validation` must be strict or permissive.");
    }
}
