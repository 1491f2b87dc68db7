package io.pgcaretaker.problem;

import java.util.List;

/** Ends a request with a problem answer; thrown at the border (a resource), not in the core. */
public class ProblemException extends RuntimeException {

    private final transient Problem problem;

    public ProblemException(Problem problem) {
        super(problem.title());
        this.problem = problem;
    }

    public static ProblemException notFound(String detail) {
        return new ProblemException(Problem.of(404, "Not found", detail));
    }

    /** The request contradicts the present state. */
    public static ProblemException conflict(String detail) {
        return new ProblemException(Problem.of(409, "Conflict", detail));
    }

    /** Well-formed, but a field breaks a rule. */
    public static ProblemException invalidField(String field, String rule) {
        return new ProblemException(
                Problem.ofFields(422, "Invalid field", List.of(new Problem.FieldError(field, rule))));
    }

    /** A query or path parameter breaks a rule. */
    public static ProblemException badParameter(String parameter, String rule) {
        return new ProblemException(
                Problem.ofFields(400, "Bad parameter", List.of(new Problem.FieldError(parameter, rule))));
    }

    public Problem problem() {
        return problem;
    }
}
