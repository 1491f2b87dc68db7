package io.pgcaretaker.cleanup.notice;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A notice that is under way, as it was when it was claimed; never printed, since a key may be personal.
 *
 * @param key the row's, column by column
 * @param age the row's, in microseconds
 * @param edition which mail of this notice it is
 * @param attempt repeated in every write; who has an older one changes nothing
 * @param purgeAt what the mail says
 * @param emailId email-service's; absent: not taken yet
 * @param now the database's clock
 */
record OpenNotice(
        UUID id,
        List<String> key,
        long age,
        int edition,
        int attempt,
        Instant purgeAt,
        @Nullable String emailId,
        @Nullable Instant acceptedAt,
        Instant now) {

    OpenNotice {
        key = List.copyOf(key);
    }

    /** The same one is the same mail, however often it is handed over. */
    String idempotencyKey() {
        return "deletion-notice/" + id + "/" + edition;
    }

    /** The next mail of the same notice. */
    OpenNotice renewed(Instant newPurgeAt) {
        return new OpenNotice(id, key, age, edition + 1, attempt, newPurgeAt, null, null, now);
    }

    @Override
    public String toString() {
        return "OpenNotice[" + id + "]";
    }
}
