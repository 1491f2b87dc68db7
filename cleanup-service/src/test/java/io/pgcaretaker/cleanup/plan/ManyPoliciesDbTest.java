package io.pgcaretaker.cleanup.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.engine.TestWorker;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** So many policies that a list of them cannot look at each: it took half a minute, and whoever asked had gone. */
class ManyPoliciesDbTest extends CleanupDbTest {

    private PoliciesResource resource() {
        database.execute(
                "create table bills (id bigint primary key, at timestamptz); create index ages on bills (at, id)");
        TestWorker worker = new TestWorker(
                database, TestPolicy.of("old-bills", "bills", "P1D").settings(Map.of()));
        return new PoliciesResource(
                worker.policies,
                worker.preflight(),
                worker.transactions,
                new Census(worker.transactions),
                worker.settings(),
                Clock.systemUTC());
    }

    private static PolicyView bills(PoliciesResource.PolicyList list) {
        return list.policies().stream()
                .filter(policy -> policy.name().equals("old-bills"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void thoseThatAreNotLookedAtInTimeAreToldAsTheyWereTheLastTime() {
        PoliciesResource resource = resource();
        Instant begin = Instant.now();
        assertThat(bills(resource.list(Duration.ZERO)).state())
                .as("where nobody has looked yet, somebody must")
                .isEqualTo("armed");
        database.execute("drop index ages");

        PolicyView listed = bills(resource.list(Duration.ZERO));

        assertThat(listed.state()).isEqualTo("armed");
        assertThat(listed.lookedAt()).isBetween(begin.minusSeconds(1), Instant.now());
    }

    @Test
    void aFewAreLookedAtAnew() {
        PoliciesResource resource = resource();
        assertThat(bills(resource.list(Duration.ofDays(1))).state()).isEqualTo("armed");
        database.execute("drop index ages");

        PolicyView listed = bills(resource.list(Duration.ofDays(1)));

        assertThat(listed.state()).isEqualTo("blocked");
        assertThat(listed.lookedAt()).isNull();
        assertThat(bills(resource.list(Duration.ZERO)).reasons())
                .as("as the last look found it")
                .anySatisfy(reason -> assertThat(reason).contains("create index"));
    }
}
