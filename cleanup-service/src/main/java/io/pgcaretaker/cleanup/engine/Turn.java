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
    private boolean forward;

    Turn(Batches around, Claimed run) {
        this.around = around;
        this.run = run;
        this.lookAt = System.nanoTime() + around.config().turn().toNanos();
    }

    /** The run has come forward: a turn without that would be the same again each time. */
    void cameForward() {
        forward = true;
    }

    /** Asked before each batch: whether the run was given back behind another one that waits. */
    boolean isOver() {
        if (!forward || System.nanoTime() - lookAt < 0) {
            return false;
        }
        lookAt = System.nanoTime() + LOOK.toNanos();
        try {
            around.slots().open();
            return around.transactions()
                    .run("cleanup.turn", session -> around.runs().giveWay(session, run));
        } catch (DatabaseFailure e) {
            // That another run could not be opened is not this one's fault; of a database that is away the next batch
            // tells.
            LOG.debugf(e, "no look for others policy=%s run=%s", run.policy(), run.id());
            return false;
        }
    }
}
