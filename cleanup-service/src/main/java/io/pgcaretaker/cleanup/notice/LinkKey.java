package io.pgcaretaker.cleanup.notice;

import io.pgcaretaker.cleanup.database.Transactions;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Signs and reads restore links by the key in the database, which is looked at anew now and then: whoever changes it must not
 * have to find each process that still signs with the one of before, or users get links that their page refuses.
 */
public final class LinkKey {

    /** Longer than who tries tokens could make a load of it, and far shorter than anybody is told before. */
    private static final Duration FRESH = Duration.ofSeconds(10);

    private final NoticeRepository notices = new NoticeRepository();
    private final Transactions transactions;
    private final LongSupplier nanoTime;

    private @Nullable RestoreToken tokens;
    private long readAt;

    /** @param nanoTime as {@link System#nanoTime} */
    public LinkKey(Transactions transactions, LongSupplier nanoTime) {
        this.transactions = transactions;
        this.nanoTime = nanoTime;
    }

    public synchronized RestoreToken tokens() {
        RestoreToken known = tokens;
        long now = nanoTime.getAsLong();
        if (known == null || now - readAt >= FRESH.toNanos()) {
            known = new RestoreToken(transactions.run("cleanup.notice-key", notices::linkKey));
            tokens = known;
            readAt = now;
        }
        return known;
    }
}
