package io.pgcaretaker.email.intake;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.UUID;

/** Ids of mails: UUIDv7 (RFC 9562), so that their order is that of their acceptance. */
public final class MailId {

    private static final SecureRandom RANDOM = new SecureRandom();

    private MailId() {}

    public static UUID at(Instant now) {
        long high = (now.toEpochMilli() << 16) | 0x7000L | (RANDOM.nextLong() & 0xFFFL);
        long low = (RANDOM.nextLong() & 0x3FFFFFFFFFFFFFFFL) | 0x8000000000000000L;
        return new UUID(high, low);
    }
}
