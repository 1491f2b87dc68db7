package io.pgcaretaker.startup;

/**
 * Sent once, asynchronously: the start is over and the database answers. For what is looked at so seldom that its timer's first tick
 * after that would be too late; timers before it are skipped.
 */
public record DatabaseFirstReached() {}
