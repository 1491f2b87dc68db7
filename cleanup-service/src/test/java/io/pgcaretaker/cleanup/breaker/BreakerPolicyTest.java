package io.pgcaretaker.cleanup.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.TestSettings;
import io.pgcaretaker.cleanup.breaker.BreakerPolicy.Counts;
import io.pgcaretaker.cleanup.breaker.BreakerPolicy.Known;
import io.pgcaretaker.cleanup.breaker.BreakerPolicy.Trip;
import io.pgcaretaker.cleanup.breaker.BreakerPolicy.Verdict;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A policy of 30 days that may take 50,000 rows and half of its table. */
class BreakerPolicyTest {

    private static final RetentionPolicy POLICY = Policies.load(TestSettings.with(Map.of(
                    "policies.\"soft-deleted-users\".max-rows", "50000",
                    "policies.\"soft-deleted-users\".max-fraction", "0.5")))
            .find("soft-deleted-users")
            .orElseThrow();

    private static List<Trip> trips(long matched, long tableRows, RunHistory history) {
        return BreakerPolicy.trips(POLICY, new Counts(matched, Known.COUNTED, tableRows), history);
    }

    private static List<Verdict> verdicts(List<Trip> trips) {
        return trips.stream().map(Trip::verdict).toList();
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                // rows that would go, rows of the table, runs before, the most they found, the last one's retention
                "0,     0,      0,  0,    none,  ''",
                "50000, 100000, 0,  0,    none,  ''",
                "50001, 100002, 0,  0,    none,  BREAKER_ROWS",
                "50000, 99999,  0,  0,    none,  BREAKER_FRACTION",
                "3,     3,      0,  0,    none,  BREAKER_FRACTION",
                "50001, 60000,  0,  0,    none,  BREAKER_ROWS BREAKER_FRACTION",
                "10,    100,    1,  10,   P30D,  ''",
                "10,    100,    1,  10,   P31D,  RETENTION_SHORTENED",
                "10,    100,    1,  10,   P29D,  ''",
                // A month has 31 days, too, and never less than 28
                "10,    100,    1,  10,   P1M,   RETENTION_SHORTENED",
                "10,    100,    1,  10,   P4W,   ''",
                "2000,  100000, 5,  199,  P30D,  BREAKER_DRIFT",
                "2000,  100000, 5,  200,  P30D,  ''",
                "2000,  100000, 4,  199,  P30D,  ''",
                "1000,  100000, 5,  0,    P30D,  ''",
                "60000, 60000,  9,  1,    P40D,  BREAKER_ROWS BREAKER_FRACTION RETENTION_SHORTENED BREAKER_DRIFT"
            })
    void eachBreakerIsAsked(long matched, long tableRows, int runs, long most, String retention, String verdicts) {
        List<Verdict> expected = Arrays.stream(verdicts.split(" "))
                .filter(word -> !word.isEmpty())
                .map(Verdict::valueOf)
                .toList();

        assertThat(verdicts(trips(
                        matched, tableRows, new RunHistory(runs == 0, runs, most, retention, null, List.of(), null))))
                .isEqualTo(expected);
    }

    @Test
    void theSentenceSaysNoMoreThanIsKnown() {
        RunHistory none = new RunHistory(true, 0, 0, null, null, List.of(), null);

        assertThat(BreakerPolicy.trips(POLICY, new Counts(50_001, Known.AT_LEAST, 200_000), none)
                        .get(0)
                        .detail())
                .isEqualTo(
                        "more than 50000 rows of about 200000 would go; the policy allows 50000 rows and a share of 0.5");
        assertThat(trips(40_000, 60_000, none).get(0).detail()).startsWith("40000 rows of about 60000");
        assertThat(BreakerPolicy.trips(POLICY, new Counts(90_000, Known.ESTIMATED, 200_000), none)
                        .get(0)
                        .detail())
                .startsWith("about 90000 rows of about 200000");
    }
}
