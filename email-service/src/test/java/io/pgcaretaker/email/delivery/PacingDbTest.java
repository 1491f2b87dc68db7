package io.pgcaretaker.email.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Rates of delivery, over any number of replicas. */
class PacingDbTest {

    private static TestDatabase database;

    @BeforeAll
    static void connect() {
        database = TestDatabase.createMigrated();
    }

    private record Rates(
            int requests,
            Map<String, Integer> keys,
            Optional<Integer> domain,
            Map<String, Integer> domains,
            Optional<Integer> recipient)
            implements EmailConfig.Rates {}

    private static Pacing pacing(Map<String, Integer> domains, Optional<Integer> recipient) {
        Rates rates = new Rates(1, Map.of(), Optional.empty(), domains, recipient);
        return new Pacing(new RatePolicy(rates), new RateRepository(database.source()));
    }

    private static Claimed claimed(String address, boolean hasPlace) {
        StoredMail mail = new StoredMail(
                "plain",
                "queued",
                0,
                address,
                "<m@x.test>",
                Instant.EPOCH,
                new StoredMail.Addresses("a@x.test", List.of(), List.of(), List.of()),
                "x",
                "{}",
                new StoredMail.Bodies(null, "x"),
                false,
                false,
                0,
                false,
                null);
        return new Claimed(1, UUID.randomUUID(), 1, false, true, hasPlace, 0, 0, mail);
    }

    private static List<Claimed> claimed(int number, String address) {
        List<Claimed> all = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            all.add(claimed(address, false));
        }
        return all;
    }

    @Test
    void burstGoesAtOnceAndTheRestOneIntervalApart() throws Exception {
        List<Pacing.Paced> paced =
                pacing(Map.of("burst.test", 60), Optional.empty()).paced(claimed(13, "a@BURST.test"));

        assertThat(paced).hasSize(3).allMatch(one -> one.by().equals("domain"));
        assertThat(paced.get(2).pause().minus(paced.get(1).pause())).isEqualTo(Duration.ofSeconds(1));
        assertThat(paced.get(0).pause()).isBetween(Duration.ofMillis(1), Duration.ofSeconds(1));
    }

    @Test
    void otherDomainsAndMailsThatHaveWaitedAreNotHeldUp() throws Exception {
        Pacing pacing = pacing(Map.of("held.test", 1), Optional.empty());
        pacing.paced(claimed(5, "a@held.test"));

        assertThat(pacing.paced(List.of(claimed("a@held.test", true), claimed("a@sub.held.test", false))))
                .isEmpty();
    }

    @Test
    void oneAddressWaitsAndAnotherOfItsDomainDoesNot() throws Exception {
        Pacing pacing = pacing(Map.of(), Optional.of(2));
        List<Claimed> all = claimed(3, "a@one.test");
        all.add(claimed("b@one.test", false));

        List<Pacing.Paced> paced = pacing.paced(all);

        assertThat(paced).hasSize(1);
        assertThat(paced.get(0).by()).isEqualTo("recipient");
        assertThat(paced.get(0).claimed().mail().recipient()).isEqualTo("a@one.test");
        assertThat(paced.get(0).pause()).isBetween(Duration.ofMinutes(29), Duration.ofMinutes(30));
    }

    @Test
    void replicasTakePlacesInOneRow() throws Exception {
        ExecutorService replicas = Executors.newFixedThreadPool(4);
        List<Callable<List<Pacing.Paced>>> work = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            work.add(() -> pacing(Map.of("shared.test", 60), Optional.empty()).paced(claimed(5, "a@shared.test")));
        }
        int paced = 0;
        Duration longest = Duration.ZERO;
        for (Future<List<Pacing.Paced>> one : replicas.invokeAll(work)) {
            paced += one.get().size();
            for (Pacing.Paced mail : one.get()) {
                longest = mail.pause().compareTo(longest) > 0 ? mail.pause() : longest;
            }
        }
        replicas.shutdown();

        // 100 places, ten of them in the past; time that went by since the first lets a few more go at once.
        assertThat(paced).isBetween(80, 90);
        assertThat(longest).isBetween(Duration.ofSeconds(80), Duration.ofSeconds(90));
    }

    @Test
    void quietTimeGivesBackOneBurstAndNoMore() throws Exception {
        Pacing pacing = pacing(Map.of("quiet.test", 60), Optional.empty());
        pacing.paced(claimed(30, "a@quiet.test"));
        database.execute(
                "update caretaker.email_rate set next_at = now() - interval '1 day' where name = 'quiet.test'");

        assertThat(pacing.paced(claimed(12, "a@quiet.test"))).hasSize(2);
    }

    @Test
    void rateOfNothingIsRefusedByItsName() {
        assertThatThrownBy(() -> pacing(Map.of("none.test", 0), Optional.empty()))
                .hasMessage("caretaker.email.rates.domains.\"none.test\" must be at least 1, but is 0");
    }
}
