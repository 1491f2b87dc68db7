package io.pgcaretaker.monitoring.alert;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.pgcaretaker.monitoring.Situation;
import io.pgcaretaker.monitoring.TickingClock;
import io.pgcaretaker.monitoring.collect.Contact;
import io.pgcaretaker.monitoring.collect.Outages;
import io.pgcaretaker.monitoring.collect.Readings;
import io.pgcaretaker.monitoring.neighbour.Neighbours;
import io.pgcaretaker.outbox.MailGateway;
import io.pgcaretaker.outbox.MailOutbox;
import io.pgcaretaker.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvaluationDbTest {

    private static final Observation WRONG = new Observation.Wrong("It is wrong", "9", "8");
    private static final Observation WELL = new Observation.Well("7");

    private static final Rule DATABASE_DOWN = new Rule(
            StandingRules.DATABASE_DOWN,
            Severity.CRITICAL,
            Duration.ofSeconds(15),
            Map.of(),
            "Look at it.",
            situation -> WELL);

    private final TestDatabase database = TestDatabase.createMigrated();
    private final TickingClock clock = new TickingClock(Instant.parse("2026-03-01T12:00:00Z"));
    private final AtomicReference<Observation> seen = new AtomicReference<>(WELL);
    private final Contact contact = new Contact();
    private final Rule rule = rule("example", Duration.ofSeconds(30));
    private final Evaluation evaluation = evaluation(Optional.empty());

    private Rule rule(String name, Duration holdFor) {
        return new Rule(
                name, Severity.WARNING, holdFor, Map.of("team", "shop"), "Look at it.", situation -> seen.get());
    }

    private Evaluation evaluation(Optional<Duration> repeat) {
        return evaluation(repeat, List.of(rule, DATABASE_DOWN));
    }

    private Evaluation evaluation(Optional<Duration> repeat, List<Rule> rules) {
        DataSource source = database.source();
        JsonMapper json = JsonMapper.builder()
                .addModule(new JavaTimeModule())
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .build();
        MailOutbox outbox = new MailOutbox(
                MailOutbox.Owner.MONITORING, source, intent -> new MailGateway.Outcome.Unavailable("away"), json);
        return new Evaluation(
                source,
                new Evaluation.Tools(
                        rules,
                        new Lease(Lease.ALERTS, UUID.randomUUID(), Duration.ofSeconds(1)),
                        new IncidentPolicy(Duration.ofSeconds(60)),
                        new MailPolicy(repeat),
                        new IncidentWriter(json),
                        new IncidentMails(outbox, json, List.of("operator@example.com"))));
    }

    private EvaluationOutcome evaluate(Evaluation by) throws SQLException {
        return by.run(new Situation(
                new Readings(),
                contact,
                new Neighbours(),
                new Situation.Freshness(
                        Duration.ofSeconds(20), Duration.ofSeconds(60), Duration.ofMinutes(4), Duration.ofMinutes(20)),
                clock));
    }

    private void evaluateAfter(Duration time) throws SQLException {
        clock.tick(time);
        evaluate(evaluation);
    }

    private String states(String name) {
        StringBuilder states = new StringBuilder();
        try (var connection = database.connect();
                var statement = connection.prepareStatement(
                        "select state from caretaker.incident where rule = ? order by pending_since")) {
            statement.setString(1, name);
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    states.append(rows.getString(1)).append(' ');
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return states.toString().strip();
    }

    private long mails(String occasion) {
        return database.queryLong("select count(*) from caretaker.monitoring_mail_intent where idempotency_key like '%-"
                + occasion + "'");
    }

    private void onlyExample() {
        database.execute("delete from caretaker.incident where rule <> 'example'");
    }

    @Test
    void goesFromPendingOverFiringToResolvedWithOneMailEach() throws SQLException {
        seen.set(WRONG);
        evaluate(evaluation);
        assertThat(states("example")).isEqualTo("pending");
        onlyExample();

        evaluateAfter(Duration.ofSeconds(29));
        assertThat(states("example")).isEqualTo("pending");

        evaluateAfter(Duration.ofSeconds(1));
        evaluateAfter(Duration.ofSeconds(5));
        assertThat(states("example")).isEqualTo("firing");

        seen.set(WELL);
        evaluateAfter(Duration.ofSeconds(5));
        evaluateAfter(Duration.ofSeconds(59));
        assertThat(states("example")).isEqualTo("firing");

        evaluateAfter(Duration.ofSeconds(1));
        evaluateAfter(Duration.ofSeconds(5));
        assertThat(states("example")).isEqualTo("resolved");
        assertThat(database.queryLong("select count(*) from caretaker.monitoring_mail_intent"
                        + " where variables ->> 'rule' = 'example'"))
                .isEqualTo(2);
        // It was right again when the value was, not when that had lasted.
        assertThat(database.queryLong("select extract(epoch from resolved_at - pending_since)::bigint"
                        + " from caretaker.incident where rule = 'example'"))
                .isEqualTo(40);
    }

    @Test
    void valueOnTheEdgeIsOneIncident() throws SQLException {
        seen.set(WRONG);
        evaluate(evaluation);
        for (int i = 0; i < 10; i++) {
            seen.set(i % 2 == 0 ? WRONG : WELL);
            evaluateAfter(Duration.ofSeconds(30));
        }

        assertThat(states("example")).isEqualTo("firing");
    }

    @Test
    void lastingIncidentIsWrittenWhenItChangesAndElseOnceAMinute() throws SQLException {
        Set<Long> writes = new HashSet<>();
        for (int second = 0; second <= 300; second += 5) {
            seen.set(new Observation.Wrong("It is wrong", String.valueOf(second), "8"));
            evaluate(evaluation);
            clock.tick(Duration.ofSeconds(5));
            writes.add(lastWriter());
        }
        // When it began, when it fired after 30 s, and at 90, 150, 210 and 270 s.
        assertThat(writes).hasSize(6);
        assertThat(database.queryLong("select value::bigint from caretaker.incident where rule = 'example'"))
                .isEqualTo(270);

        seen.set(new Observation.Wrong("It is worse", "301", "8"));
        evaluate(evaluation);
        assertThat(writes.add(lastWriter())).as("another summary").isTrue();

        seen.set(WELL);
        for (int i = 0; i < 11; i++) {
            evaluateAfter(Duration.ofSeconds(5));
            writes.add(lastWriter());
        }
        assertThat(writes).as("well since one moment").hasSize(8);
    }

    /** The transaction that wrote the row last. */
    private long lastWriter() {
        return database.queryLong("select xmin::text::bigint from caretaker.incident where rule = 'example'");
    }

    @Test
    void pendingThatPassesTellsNobody() throws SQLException {
        seen.set(WRONG);
        evaluate(evaluation);
        seen.set(WELL);
        evaluateAfter(Duration.ofSeconds(10));

        assertThat(states("example")).isEmpty();
        assertThat(mails("opening")).isZero();
    }

    @Test
    void notKnowingChangesNothing() throws SQLException {
        seen.set(WRONG);
        evaluate(evaluation);
        evaluateAfter(Duration.ofSeconds(30));
        seen.set(new Observation.Unknown("the collector failed"));
        evaluateAfter(Duration.ofHours(1));

        assertThat(states("example")).isEqualTo("firing");
    }

    @Test
    void reminderOnlyAsConfiguredAndNotOnceAcknowledged() throws SQLException {
        Evaluation reminding = evaluation(Optional.of(Duration.ofHours(1)));
        seen.set(WRONG);
        evaluate(reminding);
        clock.tick(Duration.ofSeconds(30));
        evaluate(reminding);
        onlyExample();
        clock.tick(Duration.ofMinutes(59));
        evaluate(reminding);
        assertThat(mails("reminder-1")).isZero();

        clock.tick(Duration.ofMinutes(1));
        evaluate(reminding);
        database.execute("update caretaker.incident set acknowledged_at = now() where rule = 'example'");
        clock.tick(Duration.ofHours(2));
        evaluate(reminding);

        assertThat(database.queryLong("select reminders from caretaker.incident where rule = 'example'"))
                .isOne();
    }

    @Test
    void whatOpensTogetherIsOneMailAndWhatClosesTogetherToo() throws SQLException {
        Evaluation two = evaluation(Optional.empty(), List.of(rule, rule("another", Duration.ofSeconds(30))));
        seen.set(WRONG);
        evaluate(two);
        clock.tick(Duration.ofSeconds(30));
        evaluate(two);
        assertThat(mails("opening")).isOne();
        assertThat(database.queryLong("select count(*) from caretaker.incident where opening_mail_at is not null"))
                .isEqualTo(2);
        assertThat(database.queryLong("select count(*) from caretaker.monitoring_mail_intent m, caretaker.incident i"
                        + " where strpos(m.variables::text, i.id::text) > 0"))
                .as("both are named in it")
                .isEqualTo(2);

        seen.set(WELL);
        evaluate(two);
        clock.tick(Duration.ofSeconds(60));
        evaluate(two);

        assertThat(mails("closing")).isOne();
        assertThat(database.queryLong("select count(*) from caretaker.incident where closing_mail_at is not null"))
                .isEqualTo(2);
    }

    private void silence(String labels) {
        database.execute("insert into caretaker.silence (labels, reason, starts_at, ends_at, created_by)" + " values ('"
                + labels + "', 'moving', '2026-03-01T11:00:00Z', '2026-03-01T13:00:00Z', 'oper')");
    }

    @Test
    void silenceForOtherLabelsHoldsNothingBack() throws SQLException {
        silence("{\"team\": \"other\"}");
        silence("{\"team\": \"shop\", \"more\": \"x\"}");
        seen.set(WRONG);
        evaluate(evaluation);
        evaluateAfter(Duration.ofSeconds(30));

        assertThat(mails("opening")).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"team\": \"shop\"}"})
    void silenceHoldsBackTheMailAndNotTheIncident(String labels) throws SQLException {
        silence(labels);
        seen.set(WRONG);
        evaluate(evaluation);
        evaluateAfter(Duration.ofSeconds(30));
        assertThat(states("example")).isEqualTo("firing");
        assertThat(mails("opening")).isZero();

        evaluateAfter(Duration.ofHours(1));

        assertThat(mails("opening")).isPositive();
    }

    @Test
    void whileTheDatabaseIsDownNothingElseIsMailed() throws SQLException {
        database.execute(
                "insert into caretaker.incident (rule, fingerprint, severity, state, summary, value, threshold,"
                        + " advice, pending_since, fired_at, last_seen_at, opening_mail_at, last_mail_at) values ('database-down',"
                        + " 'database-down', 'critical', 'firing', 's', 'v', 't', 'a', now(), now(), now(), now(), now())");
        Evaluation other = evaluation(Optional.empty());
        seen.set(WRONG);
        evaluate(other);
        clock.tick(Duration.ofSeconds(30));
        evaluate(other);
        assertThat(states("example")).isEqualTo("firing");
        assertThat(mailsAbout("example")).isZero();

        database.execute("update caretaker.incident set state = 'resolved', resolved_at = now()"
                + " where rule = 'database-down'");
        seen.set(WELL);
        clock.tick(Duration.ofSeconds(5));
        seen.set(WRONG);
        database.execute("delete from caretaker.incident where rule = 'database-down'");
        evaluate(other);

        assertThat(mailsAbout("example")).isOne();
    }

    private long mailsAbout(String name) {
        return database.queryLong(
                "select count(*) from caretaker.monitoring_mail_intent where variables ->> 'rule' = '" + name + "'");
    }

    @Test
    void outageIsWrittenAfterwardsWithItsTrueTimesAndBothMails() throws SQLException {
        Outages.happened(
                contact, clock.instant().minusSeconds(120), clock.instant().minusSeconds(70));

        evaluate(evaluation);
        evaluate(evaluation);

        assertThat(states(StandingRules.DATABASE_DOWN)).isEqualTo("resolved");
        assertThat(database.queryLong(
                        "select extract(epoch from resolved_at - pending_since)::bigint" + " from caretaker.incident"))
                .isEqualTo(50);
        assertThat(mails("opening")).isOne();
        assertThat(mails("closing")).isOne();
        assertThat(contact.over()).isEmpty();
    }

    @Test
    void shortOutageIsNoIncident() throws SQLException {
        Outages.happened(
                contact, clock.instant().minusSeconds(24), clock.instant().minusSeconds(10));

        evaluate(evaluation);

        assertThat(states(StandingRules.DATABASE_DOWN)).isEmpty();
        assertThat(contact.over()).isEmpty();
    }

    @Test
    void outageThatAnotherReplicaWroteIsNotWrittenAgain() throws Exception {
        Outages.happened(
                contact, clock.instant().minusSeconds(120), clock.instant().minusSeconds(70));
        evaluate(evaluation);
        database.execute("delete from caretaker.monitoring_lease");

        Outages.happened(
                contact, clock.instant().minusSeconds(117), clock.instant().minusSeconds(68));
        evaluate(evaluation(Optional.empty()));

        assertThat(database.queryLong("select count(*) from caretaker.incident"))
                .isOne();
    }

    @Test
    void manyEvaluatorsAtOnceOpenOneIncidentAndWriteOneMail() throws Exception {
        seen.set(WRONG);
        evaluate(evaluation);
        onlyExample();
        clock.tick(Duration.ofSeconds(30));
        ExecutorService replicas = Executors.newFixedThreadPool(4);
        try {
            List<Callable<EvaluationOutcome>> work = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Evaluation replica = evaluation(Optional.empty());
                work.add(() -> {
                    EvaluationOutcome last = evaluate(replica);
                    for (int round = 0; round < 9; round++) {
                        // Whoever comes may take over: the lease is as good as expired.
                        database.execute("update caretaker.monitoring_lease set until = clock_timestamp()");
                        last = evaluate(replica);
                    }
                    return last;
                });
            }
            for (Future<EvaluationOutcome> done : replicas.invokeAll(work)) {
                done.get();
            }
        } finally {
            replicas.shutdownNow();
        }

        assertThat(states("example")).isEqualTo("firing");
        assertThat(database.queryLong("select count(*) from caretaker.monitoring_mail_intent"
                        + " where variables ->> 'rule' = 'example'"))
                .isOne();
    }

    @Test
    void whoEndsLeavesTheLeaseToTheNext() throws SQLException {
        Evaluation next = evaluation(Optional.empty());
        evaluate(evaluation);
        database.execute("update caretaker.monitoring_lease set until = clock_timestamp() + interval '1 hour'");
        assertThat(evaluate(next).kind()).isEqualTo(EvaluationOutcome.Kind.NOT_HOLDER);
        next.leave();
        assertThat(evaluate(next).kind()).isEqualTo(EvaluationOutcome.Kind.NOT_HOLDER);

        evaluation.leave();

        assertThat(evaluate(next).kind()).isEqualTo(EvaluationOutcome.Kind.DONE);
    }

    /** Whoever it is that holds it: it is no sign that another replica speaks. */
    @Test
    void aLockOnTheLeaseIsNotTakenForAnotherHolder() throws SQLException {
        evaluate(evaluation);
        try (Connection other = database.connect();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("select * from caretaker.monitoring_lease for update");

            assertThat(evaluate(evaluation).kind()).isEqualTo(EvaluationOutcome.Kind.LOCKED);
        }
    }

    @Test
    void whoHasNotTheLeaseDoesNothing() throws SQLException {
        database.execute("insert into caretaker.monitoring_lease (name, holder, until)"
                + " values ('alerts', gen_random_uuid(), clock_timestamp() + interval '1 minute')");
        seen.set(WRONG);

        EvaluationOutcome outcome = evaluate(evaluation);

        assertThat(outcome.kind()).isEqualTo(EvaluationOutcome.Kind.NOT_HOLDER);
        assertThat(states("example")).isEmpty();
    }
}
