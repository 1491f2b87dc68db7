package io.pgcaretaker.monitoring.collect;

/** Said after collectors have looked at the database that is looked after. */
public record Looked() {}
