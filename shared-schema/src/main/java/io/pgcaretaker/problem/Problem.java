package io.pgcaretaker.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An error answer as RFC 9457 has it ({@code application/problem+json}).
 *
 * @param type a stable identifier of the kind of problem, {@code about:blank} when the status says it all
 * @param title the kind of problem in a few words, the same for every occurrence
 * @param detail this occurrence: what is wrong and what the caller can do
 * @param errors the fields that are wrong, each with its rule
 * @param errorId present on a 500: find it in the service's log
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Problem(
        String type,
        String title,
        int status,
        @Nullable String detail,
        List<FieldError> errors,
        @Nullable String errorId) {

    static final String MEDIA_TYPE = "application/problem+json";

    /** A field and the rule it breaks. */
    public record FieldError(String field, String rule) {}

    public Problem {
        errors = List.copyOf(errors);
    }

    public static Problem of(int status, String title, @Nullable String detail) {
        return new Problem("about:blank", title, status, detail, List.of(), null);
    }

    /** An error of ours; its cause goes to the log with {@link #errorId}. */
    public static Problem internal() {
        return new Problem(
                "about:blank",
                "Internal error",
                500,
                "the service's log has the cause under this errorId",
                List.of(),
                UUID.randomUUID().toString());
    }

    public static Problem ofFields(int status, String title, List<FieldError> errors) {
        String detail = errors.stream()
                .map(error -> error.field() + " " + error.rule())
                .collect(java.util.stream.Collectors.joining("; "));
        return new Problem("about:blank", title, status, detail, errors, null);
    }
}
