package io.pgcaretaker.email.template;

/** The variables of the template {@code welcome}. */
public record WelcomeMail(String name, String loginUrl) {}
