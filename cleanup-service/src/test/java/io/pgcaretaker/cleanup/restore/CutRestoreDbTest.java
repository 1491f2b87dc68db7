package io.pgcaretaker.cleanup.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.catalogue.RowKey;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.InterceptedSessions;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Preflight;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The session is lost before any one of its statements, or at the commit: an account is back as a whole, or not at all. */
class CutRestoreDbTest extends CleanupDbTest {

    private static final Executor AT_ONCE = Runnable::run;

    private static final TestPolicy POLICY = TestPolicy.of("accounts", "accounts", "P30D")
            .age("deleted_at")
            .with("restore", "[ { column: deleted_at, to: null } ]")
            .with(
                    "restore-dependents",
                    "[ { table: projects, column: removed_at, set: [ { column: removed_at, to: null } ] } ]");

    private void makeAccounts() {
        database.execute("""
                drop table if exists projects, accounts;
                create table accounts (id int primary key, deleted_at timestamptz);
                create index on accounts (deleted_at, id);
                create table projects (id int primary key, account int references accounts on delete cascade,
                  removed_at timestamptz);
                create index on projects (account);
                insert into accounts select n, now() - interval '9 days' from generate_series(1, 2) as n;
                insert into projects select n, 1 + n % 2, now() - interval '9 days' from generate_series(1, 10) as n
                """);
    }

    private int calls;

    /** The n-th statement or commit is the last thing that a session does. */
    private DataSource cutting(int nth, boolean carriedOut) {
        calls = 0;
        return InterceptedSessions.of(database.source(), (session, method, statement) -> {
            if ((method.equals("prepareStatement") || method.equals("commit")) && ++calls == nth) {
                if (carriedOut && method.equals("commit")) {
                    session.commit();
                }
                session.abort(AT_ONCE);
                throw new SQLException("the connection was cut", "08006");
            }
        });
    }

    private RestoreOutcome restore(DataSource source) throws Exception {
        TestWorker worker = new TestWorker(source, POLICY.settings(), Clock.systemUTC());
        Preflight preflight = worker.preflight();
        RetentionPolicy policy = worker.policy("accounts");
        return new Restore(worker.transactions, preflight)
                .restore(new Restore.Wanted(
                        policy,
                        preflight.table(policy).orElseThrow(),
                        new RowKey(List.of("id"), List.of("1")),
                        null,
                        false));
    }

    private String living() throws Exception {
        return text("select (select count(*) from accounts where deleted_at is null) || ' '"
                + " || (select count(*) from projects where removed_at is null)");
    }

    /** As between the end of a primary and the promotion of its standby: nothing is wrong with the row. */
    @Test
    void aDatabaseThatTakesNoWritesRefusesNoRow() {
        makeAccounts();
        DataSource standby = InterceptedSessions.readOnlyFrom(database.source(), "caretaker.cleanup.restore");

        assertThatThrownBy(() -> restore(standby))
                .isInstanceOfSatisfying(
                        DatabaseFailure.class,
                        failure -> assertThat(failure.isReadOnly()).isTrue());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void allOrNothingAndTheNextTryBringsIt(boolean carriedOut) throws Exception {
        makeAccounts();
        restore(cutting(Integer.MAX_VALUE, true));
        int all = calls;
        assertThat(all).isGreaterThan(6);
        int lost = 0;
        for (int nth = 1; nth <= all; nth++) {
            makeAccounts();
            try {
                restore(cutting(nth, carriedOut));
            } catch (DatabaseFailure e) {
                assertThat(e.isConnectionLoss()).isTrue();
                lost++;
            }
            String after = living();
            assertThat(after).as("before call " + nth).isIn("0 0", "1 5");
            assertThat(restore(database.source()))
                    .isEqualTo(
                            after.equals("0 0")
                                    ? new RestoreOutcome.Restored(Map.of("public.accounts", 1L, "public.projects", 5L))
                                    : new RestoreOutcome.NotDeleted());
            assertThat(living()).isEqualTo("1 5");
        }
        assertThat(lost).isEqualTo(all);
    }
}
