package io.pgcaretaker.cleanup.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.TestSettings;
import io.pgcaretaker.cleanup.throttle.ThrottlePolicy.Reason;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
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
        assertThat(ThrottlePolicy.decide(settings, signals)).isEqualTo(reason);
    }

    @Test
    void unknownLagIsNoneOnlyWhereSomebodySaysSo() {
        assertThat(ThrottlePolicy.decide(
                        TestSettings.with(Map.of("throttle.unknown-lag", "run")).throttle(),
                        new Signals(1, null, null, false, 0, false, 0)))
                .isEmpty();
    }
}
