package io.pgcaretaker.email.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.testing.TestDatabase;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** One session, as a pool keeps it, that plans while the queue is empty. */
class IndexedTransactionDbTest {

    private static final int MANY = 20_000;

    private static TestDatabase database;
    private static Connection session;

    @BeforeAll
    static void connect() throws SQLException {
        database = TestDatabase.createMigrated();
        session = database.connect();
    }

    @AfterAll
    static void close() throws SQLException {
        session.close();
    }

    /** Hands out the one session, and keeps it. */
    private static DataSource pool() {
        Connection kept = (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) ->
                        method.getName().equals("close") ? null : method.invoke(session, arguments));
        return (DataSource) Proxy.newProxyInstance(
                DataSource.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (proxy, method, arguments) -> kept);
    }

    private static UUID accept(Connection connection) throws SQLException {
        UUID id = UUID.randomUUID();
        try (PreparedStatement statement = connection.prepareStatement("""
                with mail as (
                  insert into caretaker.email (id, caller, kind, from_address, to_addresses, subject, expires_at)
                  values (?, 'test', 'plain', 'a@x.test', '{b@x.test}', 'x', now() + interval '1 day')
                  returning id
                ), recipient as (
                  insert into caretaker.email_recipient (email_id, position, field, address, message_id, state)
                  select id, 0, 'to', 'b@x.test', '<x>', 'queued'
                  from mail
                  returning id, email_id
                )
                insert into caretaker.email_due (recipient_id, email_id, due_at)
                select id, email_id, now()
                from recipient
                """)) {
            statement.setObject(1, id);
            statement.executeUpdate();
        }
        return id;
    }

    /** As {@code caretaker.email-outcome} looks a recipient up, whose plan is the session's. */
    private static int end(Connection connection, UUID email) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                update caretaker.email_recipient r
                set state = 'sent',
                    attempts = 1,
                    last_reply = '250 Ok'
                from unnest(?) as given (email_id)
                where r.email_id = given.email_id
                """)) {
            statement.setArray(1, connection.createArrayOf("uuid", new Object[] {email}));
            return statement.executeUpdate();
        }
    }

    private static long statistic(String expression) throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.execute("select pg_stat_force_next_flush()");
            try (ResultSet row = statement.executeQuery("select " + expression + " from pg_stat_user_tables"
                    + " where relname in ('email', 'email_recipient', 'email_due')")) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private static void acceptAndEnd(int mails) throws SQLException {
        for (int i = 0; i < mails; i++) {
            UUID id = IndexedTransaction.run(pool(), IndexedTransactionDbTest::accept);
            int ended = IndexedTransaction.run(pool(), connection -> end(connection, id));
            assertThat(ended).isEqualTo(1);
        }
    }

    @Test
    void sessionThatPlannedOnEmptyTablesReadsNoneOfThemWhenTheyAreFull() throws SQLException {
        acceptAndEnd(10);
        database.execute("""
                insert into caretaker.email (id, caller, kind, from_address, to_addresses, subject, expires_at)
                select gen_random_uuid(), 'test', 'plain', 'a@x.test', '{b@x.test}', 'x', now() + interval '1 day'
                from generate_series(1, %1$d);
                insert into caretaker.email_recipient (email_id, position, field, address, message_id, state)
                select id, 0, 'to', 'b@x.test', '<x>', 'queued'
                from caretaker.email
                on conflict do nothing
                """.formatted(MANY));
        long read = statistic("sum(seq_tup_read)");

        acceptAndEnd(3);

        assertThat(statistic("sum(seq_tup_read)") - read).isZero();
    }

    @Test
    void endOfARecipientTouchesNoIndex() throws SQLException {
        long before = statistic("sum(n_tup_hot_upd)");

        acceptAndEnd(1);

        assertThat(statistic("sum(n_tup_hot_upd)") - before).isEqualTo(1);
    }

    @Test
    void settingsEndWithTheTransaction() throws SQLException {
        IndexedTransaction.run(pool(), IndexedTransactionDbTest::accept);

        try (Statement statement = session.createStatement();
                ResultSet row = statement.executeQuery(
                        "select current_setting('enable_seqscan'), current_setting('plan_cache_mode')")) {
            row.next();
            assertThat(row.getString(1)).isEqualTo("on");
            assertThat(row.getString(2)).isEqualTo("auto");
        }
    }

    @Test
    void whatFailsLeavesNothingBehind() throws SQLException {
        long before = database.queryLong("select count(*) from caretaker.email");

        assertThatThrownBy(() -> IndexedTransaction.run(pool(), connection -> {
                    accept(connection);
                    throw new SQLException("told to fail");
                }))
                .hasMessage("told to fail");

        assertThat(database.queryLong("select count(*) from caretaker.email")).isEqualTo(before);
        assertThat(session.getAutoCommit()).isTrue();
    }

    /** A mail that was accepted must not be lost by a crash of the server, also behind a pooler. */
    @Test
    void whatIsCommittedIsOnDiskWhateverTheSessionIsSetTo() throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.execute("set synchronous_commit = off");
            try {
                String seen = IndexedTransaction.run(pool(), connection -> {
                    try (Statement show = connection.createStatement();
                            ResultSet row = show.executeQuery("show synchronous_commit")) {
                        row.next();
                        return row.getString(1);
                    }
                });

                assertThat(seen).isEqualTo("on");
            } finally {
                statement.execute("reset synchronous_commit");
            }
        }
    }
}
