package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.run.Claimed;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * How long a run is carried while others wait. A worker carries one at a time, and the first run over a large table takes days at a
 * polite pace: tokens that are to go every four hours do not wait for it.
 */
final class Turn {

    private static final Logger LOG = Logger.getLogger(Turn.class);

    /** When its time is over and nobody waits, for that long nobody is looked for again. */
    private static final Duration LOOK = Duration.ofSeconds(5);

    private final Batches around;
    private final Claimed run;
    private long lookAt;
    private boolean begun;

    Turn(Batches around, Claimed run) {
        this.around = around;
        this.run = run;
        this.lookAt = System.nanoTime() + around.config().turn().toNanos();
    }

    /** Asked before each batch: whether the run was given back to another one that waits. It comes on with each turn. */
    boolean isOver() {
        if (!begun || System.nanoTime() - lookAt < 0) {
            begun = true;
            return false;
        }
        try {
            around.slots().open();
            boolean over = around.transactions()
                    .run("cleanup.turn", session -> around.runs().giveWay(session, run));
            lookAt = System.nanoTime() + LOOK.toNanos();
            return over;
        } catch (DatabaseFailure e) {
            // That another run could not be opened is not this one's fault; of a database that is away the next batch
            // tells.
            LOG.debugf(e, "no look for others policy=%s run=%s", run.policy(), run.id());
            return false;
        }
    }
}
