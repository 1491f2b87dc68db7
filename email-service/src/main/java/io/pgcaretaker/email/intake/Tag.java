package io.pgcaretaker.email.intake;

/** A caller's own mark on a mail. */
public record Tag(String name, String value) {}
