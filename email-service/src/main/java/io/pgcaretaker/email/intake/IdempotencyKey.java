package io.pgcaretaker.email.intake;

import java.time.Instant;

/**
 * A key and the request it stands for.
 *
 * @param caller the API key's name
 * @param endpoint such as {@code /emails}
 * @param request its fingerprint
 */
@SuppressWarnings("ArrayRecordComponent") // Compared with Arrays.equals where it is compared.
record IdempotencyKey(String caller, String endpoint, String key, byte[] request, Instant expiresAt) {}
