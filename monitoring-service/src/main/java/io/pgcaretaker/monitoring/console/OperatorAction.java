package io.pgcaretaker.monitoring.console;

import java.time.Instant;
import java.util.UUID;

/**
 * What somebody did to a session.
 *
 * @param by the name of the API key
 * @param action {@code cancel} or {@code terminate}
 * @param target database, user and application of the session
 * @param outcome {@code sent}, {@code gone}, {@code refused}; {@code begun} when nobody knows, since this service ended
 *     before it could write it
 */
public record OperatorAction(UUID id, Instant at, String by, String action, int pid, String target, String outcome) {}
