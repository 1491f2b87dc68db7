package io.pgcaretaker.email.template;

/** A template cannot be filled: a variable is missing or has the wrong type. */
public final class WrongVariablesException extends RuntimeException {

    private final String variable;
    private final String rule;

    WrongVariablesException(String variable, String rule) {
        super(variable + " " + rule);
        this.variable = variable;
        this.rule = rule;
    }

    public String variable() {
        return variable;
    }

    public String rule() {
        return rule;
    }
}
