package io.pgcaretaker.email;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgcaretaker.email.smtp.ScriptedSmtp;
import io.pgcaretaker.email.smtp.ScriptedSmtp.Action;
import io.pgcaretaker.email.smtp.ScriptedSmtp.Step;
import io.pgcaretaker.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The packaged service on a machine whose clock is two days behind the database's, which decides what is of use. */
class WrongClockIT {

    private static final Duration BEHIND = Duration.ofDays(2);

    private final TestDatabase database = TestDatabase.createMigrated();

    /** Every session from now on finds these functions before PostgreSQL's own; this one must not be in the pool. */
    private void setTheDatabaseAhead() throws SQLException {
        try (Connection session = database.connect();
                Statement statement = session.createStatement()) {
            statement.execute("""
                create schema ahead;
                create function ahead.now() returns timestamptz language sql stable
                as 'select pg_catalog.now() + interval ''2 days''';
                create function ahead.clock_timestamp() returns timestamptz language sql volatile
                as 'select pg_catalog.clock_timestamp() + interval ''2 days''';
                do $$ begin
                  execute format('alter database %I set search_path = ahead, pg_catalog, public', current_database());
                end $$
                """);
        }
    }

    private static String reset(String to, Duration left) {
        return "{\"to\":\"" + to + "\",\"name\":\"Ann\",\"resetUrl\":\"https://app.test/reset?token=T\","
                + "\"expiresAt\":\"" + Instant.now().plus(BEHIND).plus(left) + "\"}";
    }

    private void awaitState(String address, String state) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> database.queryLong("select count(*) from caretaker.email_recipient where address = '"
                                + address + "' and state = '" + state + "'")
                        == 1);
    }

    @Test
    void mailExpiresByTheClockOfTheDatabase() throws Exception {
        setTheDatabaseAhead();
        try (ScriptedSmtp server = new ScriptedSmtp();
                ServiceProcess service = new ServiceProcess(database.url(), server.port())) {
            server.follow((step, recipient) ->
                    step == Step.RCPT && recipient.startsWith("late") ? Action.say("451 4.2.0 later") : Action.OK);
            service.start();

            service.post("/api/email/password-reset", reset("late@x.test", Duration.ofMillis(1_500)));
            service.post("/api/email/password-reset", reset("in-time@x.test", Duration.ofMinutes(10)));
            service.post(
                    "/api/email/welcome",
                    "{\"to\":\"welcome@x.test\",\"name\":\"Ann\",\"loginUrl\":\"https://app.test/\"}");

            awaitState("late@x.test", "expired");
            awaitState("in-time@x.test", "sent");
            awaitState("welcome@x.test", "sent");
            assertThat(server.taken())
                    .extracting(ScriptedSmtp.Taken::recipient)
                    .containsExactlyInAnyOrder("in-time@x.test", "welcome@x.test");
            assertThat(database.queryLong("select count(*) from caretaker.email where kind = 'welcome'"
                            + " and expires_at between now() + interval '23 hours' and now() + interval '25 hours'"))
                    .isEqualTo(1);
        }
    }
}
