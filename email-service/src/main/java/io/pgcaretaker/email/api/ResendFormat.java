package io.pgcaretaker.email.api;

import io.pgcaretaker.problem.Problem;
import io.pgcaretaker.problem.ProblemFormat;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import jakarta.enterprise.context.ApplicationScoped;
import org.jspecify.annotations.Nullable;

/** Errors under {@code /emails} as Resend says them: {@code {statusCode, name, message}}. */
@ApplicationScoped
class ResendFormat implements ProblemFormat {

    private final CurrentVertxRequest request;

    ResendFormat(CurrentVertxRequest request) {
        this.request = request;
    }

    /** What the SDK hands to its caller. */
    record ResendError(int statusCode, String name, String message) {}

    @Override
    public boolean appliesTo(String path) {
        return path.equals("/emails") || path.startsWith("/emails/");
    }

    @Override
    public Object body(Problem problem) {
        return new ResendError(problem.status(), name(problem), message(problem));
    }

    private String name(Problem problem) {
        if (!problem.type().equals("about:blank")) {
            return problem.type();
        }
        return switch (problem.status()) {
            case 401 -> hasKey() ? "invalid_api_key" : "missing_api_key";
            case 403 -> "restricted_api_key";
            case 404 -> "not_found";
            case 405 -> "method_not_allowed";
            case 429 -> "rate_limit_exceeded";
            case 503 -> "service_unavailable";
            default -> problem.status() >= 500 ? "internal_server_error" : "validation_error";
        };
    }

    private boolean hasKey() {
        return request.getCurrent() != null && request.getCurrent().request().getHeader("Authorization") != null;
    }

    private static String message(Problem problem) {
        @Nullable String detail = problem.detail();
        return detail == null ? problem.title() : detail;
    }
}
