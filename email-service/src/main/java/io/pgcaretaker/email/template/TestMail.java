package io.pgcaretaker.email.template;

/** The variables of the template {@code test}. */
public record TestMail(String message) {}
