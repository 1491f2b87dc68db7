package io.pgcaretaker.cli.up;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cli.local.CannotException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class WatchTest {

    private final FakePart part = new FakePart();
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final Watch watch = new Watch(part, new Screen(new PrintStream(said, true, StandardCharsets.UTF_8)));
    private Instant now = Instant.parse("2026-11-22T10:00:00Z");

    @Test
    void whatRunsIsLeftAlone() {
        assertThat(tickAfter(Duration.ofSeconds(1))).isFalse();

        assertThat(part.starts).isZero();
        assertThat(said.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void whatDiesIsStartedAgainAfterLongerAndLongerPauses() {
        int[] pauses = {1, 2, 4, 8, 16, 30, 30};

        for (int i = 0; i < pauses.length; i++) {
            tickAfter(Duration.ofSeconds(1));
            part.alive = false;
            tickAfter(Duration.ofSeconds(1));
            tickAfter(Duration.ofSeconds(pauses[i]).minusMillis(1));
            assertThat(part.starts).as("just before the pause %d is over", i).isEqualTo(i);
            tickAfter(Duration.ofMillis(1));
            assertThat(part.starts).isEqualTo(i + 1);
        }
        assertThat(said.toString(StandardCharsets.UTF_8)).contains("email has died, the others go on");
    }

    @Test
    void aMinuteOfLifeMakesThePauseShortAgain() {
        dieAndStart(Duration.ofSeconds(1));
        dieAndStart(Duration.ofSeconds(2));
        tickAfter(Duration.ofSeconds(61));

        dieAndStart(Duration.ofSeconds(1));

        assertThat(part.starts).isEqualTo(3);
    }

    @Test
    void whatAPersonStopsStaysStoppedUntilItIsWantedAgain() {
        part.held = true;
        tickAfter(Duration.ofSeconds(1));
        assertThat(part.stopRequests).isEqualTo(1);
        part.alive = false;
        assertThat(tickAfter(Duration.ofSeconds(1))).isTrue();

        tickAfter(Duration.ofHours(1));
        assertThat(part.starts).isZero();

        part.held = false;
        assertThat(tickAfter(Duration.ofSeconds(1))).isTrue();
        assertThat(part.starts).isEqualTo(1);
    }

    @Test
    void whatDoesNotStopInTimeIsKilled() {
        part.held = true;
        tickAfter(Duration.ofSeconds(1));

        tickAfter(Duration.ofSeconds(21));

        assertThat(part.kills).isEqualTo(1);
    }

    @Test
    void whatDoesNotStartIsTriedAgain() {
        part.alive = false;
        part.broken = true;
        tickAfter(Duration.ofSeconds(1));
        tickAfter(Duration.ofSeconds(1));
        part.broken = false;

        tickAfter(Duration.ofSeconds(2));

        assertThat(part.alive).isTrue();
        assertThat(said.toString(StandardCharsets.UTF_8)).contains("email does not start: port taken");
    }

    private void dieAndStart(Duration pause) {
        tickAfter(Duration.ofSeconds(1));
        part.alive = false;
        tickAfter(Duration.ofSeconds(1));
        tickAfter(pause);
    }

    private boolean tickAfter(Duration passed) {
        now = now.plus(passed);
        return watch.tick(now);
    }

    private static final class FakePart implements Part {
        private boolean alive = true;
        private boolean held;
        private boolean broken;
        private int starts;
        private int stopRequests;
        private int kills;

        @Override
        public String name() {
            return "email";
        }

        @Override
        public boolean isAlive() {
            return alive;
        }

        @Override
        public OptionalLong pid() {
            return OptionalLong.empty();
        }

        @Override
        public void start() {
            if (broken) {
                throw new CannotException("port taken");
            }
            starts++;
            alive = true;
        }

        @Override
        public void requestStop() {
            stopRequests++;
        }

        @Override
        public void kill() {
            kills++;
        }

        @Override
        public boolean isHeld() {
            return held;
        }

        @Override
        public Path log() {
            return Path.of("no-such.log");
        }
    }
}
