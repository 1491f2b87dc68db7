package io.pgcaretaker.email.delivery;

import java.sql.SQLException;
import java.time.Duration;

/**
 * When to look at a queue that nobody handed anything into here: often while there is work, and as seldom as configured
 * while there is none, so that a database that scales to zero may sleep. What is known to become due is looked for then.
 */
public final class Polling {

    private final Duration often;
    private final Duration seldom;
    private final NextDue nextDue;
    private volatile long next = System.nanoTime();

    /** Asks the database how long it is until something is due; longer than it matters when nothing is. */
    public interface NextDue {
        Duration left() throws SQLException;
    }

    public Polling(Duration often, Duration seldom, NextDue nextDue) {
        this.often = often;
        this.seldom = seldom;
        this.nextDue = nextDue;
    }

    /** A worker has looked. */
    public void found(int mails) throws SQLException {
        Duration pause = often;
        if (mails == 0 && seldom.compareTo(often) > 0) {
            Duration left = nextDue.left();
            pause = left.compareTo(seldom) < 0 ? left : seldom;
            pause = pause.compareTo(often) < 0 ? often : pause;
        }
        next = System.nanoTime() + pause.toNanos();
    }

    public boolean isTime() {
        return System.nanoTime() - next >= 0;
    }
}
