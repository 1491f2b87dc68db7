package io.pgcaretaker.cli.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgcaretaker.cli.up.LocalCaretaker;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;

/** kill -9 of each packaged service at random moments while all three have work: nothing lost, stuck or said twice. */
final class Kills {

    private static final Duration LONG = Duration.ofMinutes(3);
    /** {@code -Dcaretaker.kill.rounds=30} for a night's. */
    private static final int ROUNDS = Integer.getInteger("caretaker.kill.rounds", 1);

    private static final int USERS_A_ROUND = 1_500;

    /** Printed with a failure by the assertion's description, so that the moments can be repeated. */
    private static final long SEED = System.nanoTime();

    private final LocalCaretaker up;
    private final Operator operator;
    private final Catcher catcher;

    Kills(LocalCaretaker up, Operator operator, Catcher catcher) {
        this.up = up;
        this.operator = operator;
        this.catcher = catcher;
    }

    /** @param gone how many users runs have deleted before */
    void nothingIsLostStuckOrSaidTwice(long gone) throws Exception {
        Random random = new Random(SEED);
        AtomicBoolean working = new AtomicBoolean(true);
        Set<String> accepted = new ConcurrentSkipListSet<>();
        long users = operator.count("select count(*) from users");
        CompletableFuture<Void> application = CompletableFuture.runAsync(() -> sendMails(working, accepted));
        CompletableFuture<Void> slowQuery = CompletableFuture.runAsync(() -> holdSlowQueries(working));

        for (int round = 0; round < ROUNDS; round++) {
            operator.addExpiredUsers("round" + round + "-", USERS_A_ROUND);
            operator.run("soft-deleted-users");
            for (String service : List.of("cleanup", "email", "monitoring")) {
                pause(random.nextInt(900));
                up.awaitRestart(service, up.kill(service));
                assertThat(up.output()).contains(service + " has died, the others go on");
            }
        }
        await("a slow query is seen between two kills, or after the last")
                .atMost(LONG)
                .until(() -> operator.count("select count(*) from caretaker.incident where rule = 'long-query'") > 0);
        working.set(false);
        application.get();
        slowQuery.get();

        everyAcceptedMailArrives(accepted);
        everyRunEndsAndTheLedgerAddsUp(gone, users);
        everyIncidentIsToldOnceAndClosedOnce();
    }

    /** One mail after the other, each repeated with its key until it is accepted. */
    private void sendMails(AtomicBoolean working, Set<String> accepted) {
        for (int number = 0; working.get(); number++) {
            String subject = "mail-" + number + "-end";
            String body = """
                    {"from":"app@example.com","to":"somebody@example.com","subject":"%s","text":"hello"}
                    """.formatted(subject);
            while (true) {
                try {
                    int status = up.post(up.state().email() + "/emails", body, "Idempotency-Key", subject)
                            .statusCode();
                    if (status == 200) {
                        accepted.add(subject);
                        break;
                    }
                    if (status < 500) {
                        throw new IllegalStateException("mail refused: " + status);
                    }
                } catch (IOException e) {
                    pause(50);
                }
            }
            // The catcher keeps its last thousand mails.
            pause(150);
        }
    }

    /** Opens and closes the long-query incident while monitoring-service is being killed. */
    private void holdSlowQueries(AtomicBoolean working) {
        while (working.get()) {
            try {
                operator.execute("select pg_sleep(9)");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            for (int second = 0; second < 12 && working.get(); second++) {
                pause(1_000);
            }
        }
    }

    /** Load has a pace; this is not a wait for something to happen. */
    private static void pause(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void everyAcceptedMailArrives(Set<String> accepted) {
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(operator.count("select count(*) from caretaker.email_due"))
                        .isZero());
        List<String> arrived =
                catcher.subjects().stream().filter(accepted::contains).toList();
        long duplicates = arrived.size() - arrived.stream().distinct().count();
        long unknown = operator.count("select count(*) from caretaker.email_attempt where outcome = 'unknown'");

        assertThat(arrived).as("seed " + SEED).containsAll(accepted);
        assertThat(duplicates).as("duplicates, seed " + SEED).isLessThanOrEqualTo(unknown);
        System.out.printf(
                "Kills: accepted=%d arrived=%d duplicates=%d unknown=%d%n",
                accepted.size(), arrived.size(), duplicates, unknown);
    }

    private void everyRunEndsAndTheLedgerAddsUp(long before, long users) throws SQLException {
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(
                                operator.count("select count(*) from caretaker.cleanup_run where finished_at is null"))
                        .isZero());
        assertThat(operator.run("soft-deleted-users"))
                .as("nothing is in the way of a run")
                .isPresent();
        await().atMost(LONG)
                .untilAsserted(
                        () -> assertThat(operator.count("select count(*) from users where username like 'round%'"))
                                .isZero());
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(
                                operator.count("select count(*) from caretaker.cleanup_run where finished_at is null"))
                        .isZero());
        long gone = (long) ROUNDS * USERS_A_ROUND + before;
        assertThat(operator.count(
                        "select sum((counts::jsonb ->> 'public.users')::bigint) from caretaker.cleanup_ledger"))
                .isEqualTo(gone);
        assertThat(operator.count("select count(*) from users")).isEqualTo(users);
    }

    private void everyIncidentIsToldOnceAndClosedOnce() {
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(operator.count("select count(*) from caretaker.incident"
                                + " where rule = 'long-query' and state <> 'resolved'"))
                        .isZero());
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(operator.count(
                                "select count(*) from caretaker.monitoring_mail_intent where state <> 'accepted'"))
                        .isZero());
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(operator.count("select count(*) from caretaker.email_due"))
                        .isZero());
        // On a machine so busy that the database counts as down, what follows from that is not told by itself.
        String ids = operator.text("select string_agg(id::text, ',') from caretaker.incident"
                + " where rule = 'long-query' and opening_mail_at is not null");
        assertThat(ids).isNotEmpty();
        for (String id : ids.split(",", -1)) {
            assertThat(catcher.subjectsOfMailsThatSay("Incident " + id))
                    .as("mails of an incident, seed " + SEED)
                    .hasSize(2)
                    .filteredOn(subject -> subject.contains("Resolved"))
                    .hasSize(1);
        }
    }
}
