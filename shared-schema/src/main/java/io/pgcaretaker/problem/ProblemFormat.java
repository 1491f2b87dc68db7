package io.pgcaretaker.problem;

/** How some routes say an error when it is not problem+json: a service that speaks a foreign contract adds one bean. */
public interface ProblemFormat {

    boolean appliesTo(String path);

    /** The body, to be written as {@code application/json}. */
    Object body(Problem problem);
}
