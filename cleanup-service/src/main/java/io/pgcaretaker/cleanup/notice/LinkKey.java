package io.pgcaretaker.cleanup.notice;

import io.pgcaretaker.cleanup.database.Transactions;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
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
    private final ReentrantLock reading = new ReentrantLock();
    private volatile @Nullable Known known;

    private record Known(RestoreToken tokens, long readAt) {}

    /** @param nanoTime as {@link System#nanoTime} */
    public LinkKey(Transactions transactions, LongSupplier nanoTime) {
        this.transactions = transactions;
        this.nanoTime = nanoTime;
    }

    /**
     * Who comes while somebody reads takes what is known: while a database does not answer, each would wait for those before it,
     * and whoever tries tokens would need no more to hold up all that this process is asked.
     */
    public RestoreToken tokens() {
        Known last = known;
        if (last == null) {
            return read();
        }
        if (nanoTime.getAsLong() - last.readAt() < FRESH.toNanos() || !reading.tryLock()) {
            return last.tokens();
        }
        try {
            return read();
        } finally {
            reading.unlock();
        }
    }

    private RestoreToken read() {
        Known now = new Known(
                new RestoreToken(transactions.run("cleanup.notice-key", notices::linkKey)), nanoTime.getAsLong());
        known = now;
        return now.tokens();
    }
}
