package io.pgcaretaker.email.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.testing.TestDatabase;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** Mails of ninety days are millions: removing some of them does not read them all. */
class RetentionDbTest {

    private static final int MAILS = 20_000;

    private final TestDatabase database = TestDatabase.createMigrated();

    private void mails() {
        database.execute("""
                insert into caretaker.email (id, created_at, caller, kind, from_address, to_addresses, subject, expires_at)
                select gen_random_uuid(), now() - n * interval '1 minute', 'test', 'plain', 'a@x.test', '{b@x.test}', n::text, now()
                from generate_series(1, %d) n
                """.formatted(MAILS));
        database.execute("""
                insert into caretaker.email_recipient (email_id, position, field, address, message_id, state)
                select id, 0, 'to', 'b@x.test', '<x>', 'sent' from caretaker.email
                """);
        database.execute("""
                update caretaker.email_recipient r
                set state = 'unknown'
                from caretaker.email e
                where e.id = r.email_id
                  and e.subject = '19999'
                """);
        database.execute("analyze caretaker.email");
        database.execute("analyze caretaker.email_recipient");
    }

    /** Of one session, in one transaction, so that what it reads can be told. */
    private static DataSource of(Connection session) {
        Connection kept = (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) ->
                        Set.of("close", "commit", "setAutoCommit").contains(method.getName())
                                ? null
                                : method.invoke(session, arguments));
        return (DataSource) Proxy.newProxyInstance(
                DataSource.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (proxy, method, arguments) -> kept);
    }

    @Test
    void whatIsOverIsRemovedButForWhatAnOperatorHasToDecideOn() throws SQLException {
        mails();
        try (Connection session = database.connect();
                Statement ask = session.createStatement()) {
            session.setAutoCommit(false);

            new Retention(of(session), Duration.ofMinutes(MAILS - 600)).tick();

            try (ResultSet left = ask.executeQuery("select count(*), min(subject::int) filter (where subject::int >= "
                    + (MAILS - 600) + ") from caretaker.email")) {
                left.next();
                assertThat(left.getInt(1)).isEqualTo(MAILS - 600);
                assertThat(left.getInt(2)).isEqualTo(MAILS - 1);
            }
            try (ResultSet read = ask.executeQuery("select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables"
                    + " where relid = 'caretaker.email_recipient'::regclass")) {
                read.next();
                assertThat(read.getLong(1)).isLessThan(MAILS / 2);
            }
        }
    }
}
