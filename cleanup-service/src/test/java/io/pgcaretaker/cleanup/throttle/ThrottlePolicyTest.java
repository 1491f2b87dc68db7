package io.pgcaretaker.cleanup.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.TestSettings;
import io.pgcaretaker.cleanup.throttle.MonitoringApi.Compared;
import io.pgcaretaker.cleanup.throttle.MonitoringApi.Latency;
import io.pgcaretaker.cleanup.throttle.ThrottlePolicy.Reason;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ThrottlePolicyTest {

    private static final long MEGABYTE = 1024 * 1024;

    private final CleanupConfig.ThrottleSettings settings =
            TestSettings.with(Map.of()).throttle();

    static Stream<Arguments> situations() {
        return Stream.of(
                Arguments.of(new Signals(0, null, null, false, 0, false, 0), Optional.empty()),
                Arguments.of(new Signals(2, 64 * MEGABYTE, null, false, 0, false, 0), Optional.empty()),
                Arguments.of(new Signals(2, 65 * MEGABYTE, null, false, 0, false, 0), Optional.of(Reason.REPLICA_LAG)),
                Arguments.of(new Signals(1, null, null, false, 0, false, 0), Optional.of(Reason.REPLICA_LAG_UNKNOWN)),
                Arguments.of(new Signals(0, null, 5_000 * MEGABYTE, false, 0, false, 0), Optional.of(Reason.SLOT)),
                Arguments.of(new Signals(0, null, null, true, 0, false, 0), Optional.of(Reason.ARCHIVER)),
                Arguments.of(new Signals(0, null, null, false, 42, false, 0), Optional.empty()),
                Arguments.of(new Signals(0, null, null, false, 43, false, 0), Optional.of(Reason.ARCHIVER)),
                Arguments.of(new Signals(0, null, null, false, 0, true, 0), Optional.of(Reason.AUTOVACUUM)),
                Arguments.of(new Signals(0, null, null, false, 0, false, 1), Optional.of(Reason.LOCK_QUEUE)));
    }

    @ParameterizedTest
    @MethodSource("situations")
    void namesTheFirstReason(Signals signals, Optional<Reason> reason) {
        assertThat(ThrottlePolicy.decide(settings, signals, nothingKnown())).isEqualTo(reason);
    }

    @Test
    void unknownLagIsNoneOnlyWhereSomebodySaysSo() {
        assertThat(ThrottlePolicy.decide(
                        TestSettings.with(Map.of("throttle.unknown-lag", "run")).throttle(),
                        new Signals(1, null, null, false, 0, false, 0),
                        nothingKnown()))
                .isEmpty();
    }

    private final AtomicLong nanos = new AtomicLong();

    private ApplicationLatency nothingKnown() {
        return new ApplicationLatency(settings, nanos::get);
    }

    private static Optional<Reason> decide(Map<String, String> changes, ApplicationLatency application) {
        return ThrottlePolicy.decide(
                TestSettings.with(changes).throttle(), new Signals(0, null, null, false, 0, false, 0), application);
    }

    private static Latency latency(long calls, double meanMs, double usualMs) {
        return new Latency(true, null, null, calls, meanMs, new Compared(calls, meanMs, usualMs));
    }

    @ParameterizedTest
    @CsvSource({
        // calls, what they take, what they usually take
        "100,  8.1,  4, true",
        "100,  8.0,  4, false",
        // too few of them to tell
        "19,   90,   4, false",
        // ten times as long, and nobody feels it
        "1000, 0.9,  0.09, false"
    })
    void restsWhileTheApplicationTakesFarLongerThanUsually(long calls, double mean, double usual, boolean rests) {
        ApplicationLatency application = nothingKnown();
        application.answered(latency(calls, mean, usual));

        assertThat(decide(Map.of(), application).equals(Optional.of(Reason.APPLICATION_LATENCY)))
                .isEqualTo(rests);
    }

    @Test
    void aLimitOfItsOwnHoldsWhateverIsUsual() {
        ApplicationLatency application = nothingKnown();
        application.answered(new Latency(true, null, null, 100L, 51.0, null));

        assertThat(decide(Map.of(), application)).isEmpty();
        assertThat(decide(Map.of("throttle.application-mean", "50ms"), application))
                .contains(Reason.APPLICATION_LATENCY);
    }

    @Test
    void nobodyRestsForWhatIsNotKnownAndTheStatusSaysWhy() {
        ApplicationLatency application = nothingKnown();
        assertThat(application.status()).containsEntry("reason", "not asked yet");

        assertThat(application.answered(latency(100, 90, 4))).as("news").isTrue();
        assertThat(application.answered(latency(100, 91, 4))).as("no news").isFalse();
        assertThat(application.status()).containsEntry("state", "watched").containsEntry("usualMs", 4.0);
        nanos.addAndGet(Duration.ofSeconds(31).toNanos());
        assertThat(decide(Map.of(), application)).as("too old").isEmpty();

        application.answered(new Latency(false, "statements of other users are hidden", "a grant", null, null, null));
        assertThat(decide(Map.of(), application)).isEmpty();
        assertThat(application.status())
                .containsEntry("state", "unknown")
                .containsEntry("reason", "statements of other users are hidden: needs a grant");

        ApplicationLatency ignored = new ApplicationLatency(
                TestSettings.with(Map.of("throttle.application-latency", "ignore"))
                        .throttle(),
                nanos::get);
        ignored.answered(latency(100, 90, 4));
        assertThat(decide(Map.of(), ignored)).isEmpty();
        assertThat(ignored.status()).containsEntry("state", "ignored");
    }

    /** As if there were no standbys: then all the other reasons hold as ever. */
    @ParameterizedTest
    @MethodSource("situations")
    void whoDoesNotMindAnUnknownLagIsHeldBackByEverythingElse(Signals alone, Optional<Reason> reason) {
        Optional<Reason> other = reason.filter(one -> one != Reason.REPLICA_LAG && one != Reason.REPLICA_LAG_UNKNOWN);

        assertThat(ThrottlePolicy.decide(
                        TestSettings.with(Map.of("throttle.unknown-lag", "run")).throttle(),
                        new Signals(
                                1,
                                null,
                                alone.slotBytes(),
                                alone.archiverFails(),
                                alone.archiveBacklog(),
                                alone.autovacuum(),
                                alone.waiting()),
                        nothingKnown()))
                .isEqualTo(other);
    }
}
