package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.CleanupMetrics;
import io.pgcaretaker.cleanup.archive.Archive;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.plan.Census;
import io.pgcaretaker.cleanup.policy.Action;
import io.pgcaretaker.cleanup.run.RunClosing.End;
import io.pgcaretaker.cleanup.run.RunRepository;
import io.pgcaretaker.cleanup.throttle.ApplicationLatency;
import java.util.Optional;

/** Carries a run that may begin, batch by batch. What surrounds each run is the same; a {@link BatchLoop} is one run. */
record Batches(
        Batch batch,
        RunRepository runs,
        Transactions transactions,
        Census census,
        Companion companion,
        Heartbeat heartbeat,
        Archive archive,
        CleanupMetrics metrics,
        CleanupConfig config,
        ApplicationLatency application,
        Slots slots,
        StopSignal stop) {

    /** Runs until nothing is left; empty when the run is somebody else's now, or is paused or cancelled. */
    Optional<End> run(Entrance.Outcome.Entered entered) {
        return entered.armed().policy().action().is(Action.Kind.DROP_PARTITIONS)
                ? new PartitionLoop(this, entered).run()
                : new BatchLoop(this, entered).run();
    }
}
