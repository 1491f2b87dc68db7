package io.pgcaretaker.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.outbox.MailGateway.Outcome;
import io.pgcaretaker.testing.TestDatabase;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class MailOutboxDbTest {

    private static final String EMAIL_ID = "0f8fad5b-d9cb-469f-a165-70867728950e";

    private final TestDatabase database = TestDatabase.createMigrated();
    private final ConcurrentLinkedQueue<String> handedOver = new ConcurrentLinkedQueue<>();
    private boolean crashed;
    private Outcome answer = new Outcome.Accepted(EMAIL_ID);
    private final MailOutbox outbox = new MailOutbox(
            MailOutbox.Owner.CLEANUP,
            database.source(),
            intent -> {
                if (crashed) {
                    throw new IllegalStateException("crashed");
                }
                handedOver.add(intent.key());
                return answer;
            },
            new ObjectMapper());

    private static MailIntent intent(String key) {
        return new MailIntent(key, List.of("operator@example.com"), "test", Map.of("message", "hello"));
    }

    private void addCommitted(String key) throws Exception {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            outbox.add(connection, intent(key));
            connection.commit();
        }
    }

    @Test
    void whatWasHandedOverAgesOutAndWhatWaitsStays() throws Exception {
        addCommitted("old");
        addCommitted("new");
        outbox.handOver(10);
        addCommitted("waiting");
        database.execute("update caretaker.cleanup_mail_intent set handed_over_at = now() - interval '31 days'"
                + " where idempotency_key = 'old'");

        assertThat(outbox.tidy(java.time.Duration.ofDays(30), 10)).isEqualTo(1);

        assertThat(database.queryLong("select count(*) from caretaker.cleanup_mail_intent"
                        + " where idempotency_key in ('new', 'waiting')"))
                .isEqualTo(2);
    }

    @Test
    void aRolledBackTransactionSendsNothing() throws Exception {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            outbox.add(connection, intent("a"));
            connection.rollback();
        }

        assertThat(outbox.handOver(10)).isZero();
        assertThat(handedOver).isEmpty();
    }

    @Test
    void theSameKeyIsOneMail() throws Exception {
        addCommitted("a");
        addCommitted("a");

        assertThat(outbox.handOver(10)).isEqualTo(1);
        assertThat(outbox.handOver(10)).isZero();
        assertThat(handedOver).containsExactly("a");
    }

    @Test
    void anAbsentNeighbourLosesNothingAndIsNotHammered() throws Exception {
        addCommitted("a");
        addCommitted("b");
        answer = new Outcome.Unavailable("no answer");

        outbox.handOver(10);
        assertThat(handedOver).hasSize(1);
        assertThat(waiting()).isEqualTo(2);
        assertThat(database.queryLong("select count(*) from caretaker.cleanup_mail_intent where attempt = 0"
                        + " and next_attempt_at <= clock_timestamp()"))
                .as("the one that was not tried is due as before")
                .isEqualTo(1);

        answer = new Outcome.Accepted(EMAIL_ID);
        makeDue();
        assertThat(outbox.handOver(10)).isEqualTo(2);
        assertThat(waiting()).isZero();
    }

    /** "It is over" must not be followed by "it is wrong", whatever was due again first. */
    @Test
    void mailsAboutOneIncidentGoInTheirOrderAndOthersDoNotWaitForThem() throws Exception {
        addAboutIncident("one-opening", "one");
        addAboutIncident("one-closing", "one");
        addAboutIncident("two-opening", "two");
        database.execute(
                "update caretaker.cleanup_mail_intent set next_attempt_at = clock_timestamp() + interval '1 hour'"
                        + " where idempotency_key = 'one-opening'");

        outbox.handOver(10);
        assertThat(handedOver).containsExactly("two-opening");

        makeDue();
        outbox.handOver(10);
        outbox.handOver(10);
        assertThat(handedOver).containsExactly("two-opening", "one-opening", "one-closing");
    }

    private void addAboutIncident(String key, String incident) throws Exception {
        try (Connection connection = database.connect()) {
            outbox.add(
                    connection,
                    new MailIntent(key, List.of("operator@example.com"), "incident", Map.of("incidentId", incident)));
        }
    }

    @Test
    void aMailThatIsRefusedForGoodIsKeptWithItsReasonAndNotRepeated() throws Exception {
        addCommitted("a");
        answer = new Outcome.Rejected(422, "no such template");

        outbox.handOver(10);
        makeDue();
        outbox.handOver(10);

        assertThat(handedOver).hasSize(1);
        assertThat(database.queryLong("select count(*) from caretaker.cleanup_mail_intent where state = 'rejected'"
                        + " and last_error = '422 no such template'"))
                .isEqualTo(1);
    }

    @Test
    void replicasShareTheWorkWithoutHandingOverTwice() throws Exception {
        Set<String> keys = new HashSet<>();
        for (int i = 0; i < 60; i++) {
            addCommitted("key-" + i);
            keys.add("key-" + i);
        }

        ExecutorService replicas = Executors.newFixedThreadPool(3);
        List<Callable<Integer>> work = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            work.add(() -> outbox.handOver(100));
        }
        int taken = 0;
        for (Future<Integer> replica : replicas.invokeAll(work)) {
            taken += replica.get();
        }
        replicas.shutdownNow();

        assertThat(taken).isEqualTo(60);
        assertThat(handedOver).hasSize(60).containsExactlyInAnyOrderElementsOf(keys);
    }

    @Test
    void aCrashAfterTheClaimOnlyDelays() throws Exception {
        addCommitted("a");
        crashed = true;
        assertThatThrownBy(() -> outbox.handOver(10)).hasMessage("crashed");

        crashed = false;
        assertThat(outbox.handOver(10)).as("still leased").isZero();
        makeDue();
        assertThat(outbox.handOver(10)).isEqualTo(1);
    }

    private long waiting() {
        return database.queryLong("select count(*) from caretaker.cleanup_mail_intent where state = 'waiting'");
    }

    private void makeDue() {
        database.execute("update caretaker.cleanup_mail_intent set next_attempt_at = clock_timestamp()");
    }
}
