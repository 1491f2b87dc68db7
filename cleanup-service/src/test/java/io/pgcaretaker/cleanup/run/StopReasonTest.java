package io.pgcaretaker.cleanup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.breaker.BreakerPolicy.Verdict;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StopReasonTest {

    @ParameterizedTest
    @EnumSource
    void aRunEndsWithTheWordThatItsPlanSays(Verdict verdict) {
        assertThat(StopReason.of(verdict).wireName()).isEqualTo(verdict.wireName());
    }
}
