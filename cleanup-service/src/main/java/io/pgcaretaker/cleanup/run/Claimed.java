package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.policy.Mode;
import io.pgcaretaker.cleanup.statement.Cursor;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A run that this worker owns, as it was when it was claimed.
 *
 * @param fence repeated in every write; who has an older one changes nothing
 * @param cutoff absent until the first owner fixes it
 */
public record Claimed(
        UUID id,
        String policy,
        String policyHash,
        Mode mode,
        boolean manual,
        long fence,
        @Nullable Instant cutoff,
        boolean breakerPassed,
        @Nullable Long approvedMaxRows) {

    /**
     * What a batch finds when it has locked the run's row.
     *
     * @param stopped the kill switch is set
     * @param tables rows deleted so far by table, as JSON
     * @param matched rows of the policy's table that were to go when the run began
     * @param held tables of which a row is held, of those that go with no other; absent: nobody has looked
     */
    public record Position(
            boolean stopped,
            Phase phase,
            @Nullable Cursor cursor,
            String tables,
            @Nullable Long matched,
            int ledgerSeq,
            @Nullable String ledgerHash,
            Instant now,
            @Nullable List<String> held) {

        public boolean secondPass() {
            return phase == Phase.SECOND_PASS;
        }

        /** The same, from the oldest row on. */
        public Position atBeginning() {
            return at(null, ledgerSeq);
        }

        /** What a step leaves behind it. */
        public Position after(RunProgress.Step step) {
            return new Position(
                    false,
                    phase == Phase.CANARY ? Phase.FIRST_PASS : phase,
                    step.cursor(),
                    RunJson.json(step.tables()),
                    matched,
                    step.ledgerSeq(),
                    step.ledgerHash(),
                    now,
                    null);
        }

        Position withHeld(List<String> tables) {
            return new Position(
                    stopped, phase, cursor, this.tables, matched, ledgerSeq, ledgerHash, now, List.copyOf(tables));
        }

        /** The same, elsewhere. */
        public Position at(@Nullable Cursor place, int seq) {
            return new Position(stopped, phase, place, tables, matched, seq, ledgerHash, now, held);
        }
    }

    /** Which part of the run it is. */
    public enum Phase {
        /** A few rows, looked at closely. */
        CANARY,
        FIRST_PASS,
        /** What was locked or moved in the first. */
        SECOND_PASS;

        static Phase parse(String wireName) {
            return valueOf(wireName.toUpperCase(Locale.ROOT).replace('-', '_'));
        }

        String wireName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
