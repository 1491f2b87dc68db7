package io.pgcaretaker.cleanup.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.tuple;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.engine.Items;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The ledger cannot be changed, and when it was all the same, it is found. */
class LedgerAuditDbTest extends CleanupDbTest {

    private final Items items = new Items(database);

    @Test
    void aLedgerThatWasChangedIsFound() throws Exception {
        items.addExpired(300);
        items.worker("P7D").runNow("old-items");
        items.addExpired(10);
        items.worker("P7D").runNow("old-items");
        LedgerAudit audit = new LedgerAudit(new Transactions(database.source()), new LedgerRepository());
        assertThat(audit.verify().intact()).isTrue();

        // As a superuser can: the trigger away, the line changed, the trigger back.
        for (String tampering : new String[] {
            "update caretaker.cleanup_ledger set rows = rows - 1 where seq = 1",
            "delete from caretaker.cleanup_ledger where seq = 1",
            "update caretaker.cleanup_ledger set archive = 'other' where seq = 1",
            "delete from caretaker.cleanup_ledger where seq = (select max(seq) from caretaker.cleanup_ledger)",
            "update caretaker.cleanup_ledger set seq = 0 where seq = 1",
            "insert into caretaker.cleanup_ledger select run_id, seq + 1000, written_at, policy, counts, rows, prev_hash, hash"
                    + " from caretaker.cleanup_ledger where seq = 1"
        }) {
            TestDatabase other = tampered(tampering);
            LedgerAudit.Verdict verdict =
                    new LedgerAudit(new Transactions(other.source()), new LedgerRepository()).verify();
            assertThat(verdict.intact()).as(tampering).isFalse();
            assertThat(verdict.faults()).as(tampering).isNotEmpty();
        }
    }

    /** A replay would go by them. */
    @Test
    void digestsOfALineThatHasNoneAreFound() throws Exception {
        items.addExpired(300);
        UUID run = items.worker("P7D").runNow("old-items");

        asASuperuser("insert into caretaker.cleanup_erasure (run_id, seq, key_id, digest) values ('" + run
                + "', 1, 'k', '\\x00')");

        assertThat(verify().faults())
                .containsExactly(new LedgerAudit.Fault(run, 1, "the digests of its keys were changed"));
    }

    /** By a digest of another key a replay recognises nobody. */
    @Test
    void digestsThatAreGivenToAnotherKeyAreFound() throws Exception {
        items.addExpired(300);
        UUID run = new TestWorker(
                        database,
                        TestPolicy.of("old-items", "items", "P7D")
                                .with("remember-keys", "true")
                                .settings(Map.of("ledger-key", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")))
                .runNow("old-items");
        assertThat(verify().faults()).isEmpty();

        asASuperuser("update caretaker.cleanup_erasure set key_id = 'other' where seq = 1");

        assertThat(verify().faults())
                .containsExactly(new LedgerAudit.Fault(run, 1, "the digests of its keys were changed"));
    }

    /** The ledger as it was, with one thing done to it. */
    private TestDatabase tampered(String sql) {
        database.execute("create table if not exists kept as select * from caretaker.cleanup_ledger");
        database.execute("alter table caretaker.cleanup_ledger disable trigger all;"
                + " delete from caretaker.cleanup_ledger; insert into caretaker.cleanup_ledger select * from kept;"
                + sql
                + "; alter table caretaker.cleanup_ledger enable trigger all");
        return database;
    }

    @Test
    void theLedgerCannotBeChanged() throws Exception {
        items.addExpired(300);
        items.worker("P7D").runNow("old-items");

        for (String change : new String[] {
            "update caretaker.cleanup_ledger set rows = 1",
            "delete from caretaker.cleanup_ledger",
            "truncate caretaker.cleanup_ledger"
        }) {
            assertThat(catchThrowable(() -> database.execute(change)))
                    .as(change)
                    .isNotNull();
        }
    }

    /** More than are asked for at once, between runs of a few. */
    @Test
    void aChangeFarBehindInALongRunIsFound() throws Exception {
        items.addExpired(10);
        items.worker("P7D").runNow("old-items");
        UUID run = longRun(450);
        items.addExpired(10);
        items.worker("P7D").runNow("old-items");
        assertThat(verify().faults())
                .containsExactly(new LedgerAudit.Fault(run, 450, "the run has ended, and no seal names its last line"));
        assertThat(verify().lines()).isGreaterThan(450);

        asASuperuser("update caretaker.cleanup_ledger set rows = 2 where run_id = '" + run + "' and seq = 433");

        assertThat(verify().faults()).contains(new LedgerAudit.Fault(run, 433, "it was changed"));
    }

    private UUID longRun(int lines) {
        UUID run = UUID.randomUUID();
        LedgerRepository ledger = new LedgerRepository();
        database.execute(
                "insert into caretaker.cleanup_run (id, policy, policy_hash, mode, trigger, slot, state, requested_by, finished_at)"
                        + " values ('" + run
                        + "', 'long', 'h', 'enforce', 'manual', now(), 'completed', 'test', now())");
        new Transactions(database.source()).run("test.lines", session -> {
            String last = null;
            for (int seq = 1; seq <= lines; seq++) {
                LedgerLine line = LedgerLine.after(
                        last, run, seq, Instant.now(), new LedgerLine.Entry("long", "{}", 1, null, null));
                session.update(ledger.addition(line));
                last = line.hash();
            }
            return session.update(Sql.of(
                    "/* caretaker.test.head */ update caretaker.cleanup_run set ledger_seq = ?, ledger_hash = ?, rows_deleted = ?"
                            + " where id = cast(? as uuid)",
                    lines,
                    String.valueOf(last),
                    lines,
                    run.toString()));
        });
        return run;
    }

    private void asASuperuser(String sql) {
        database.execute("set session_replication_role = replica; " + sql + "; reset session_replication_role");
    }

    private LedgerAudit.Verdict verify() {
        return new LedgerAudit(new Transactions(database.source()), new LedgerRepository()).verify();
    }

    /** No line of it is left that would not follow, and no row that would name one. */
    @Test
    void aRunThatWasTakenOutWithItsLinesIsFound() throws Exception {
        items.addExpired(300);
        UUID first = items.worker("P7D").runNow("old-items");
        items.addExpired(5);
        items.worker("P7D").runNow("old-items");
        assertThat(verify().intact()).isTrue();
        assertThat(verify().seals()).isEqualTo(2);
        String run = " where run_id = '" + first + "'";
        asASuperuser("create table kept_lines as select * from caretaker.cleanup_ledger" + run
                + "; create table kept_run as select * from caretaker.cleanup_run where id = '" + first + "'"
                + "; create table kept_seals as select * from caretaker.cleanup_ledger_seal");

        asASuperuser("delete from caretaker.cleanup_ledger" + run + "; delete from caretaker.cleanup_run where id = '"
                + first + "'");
        assertThat(verify().faults())
                .extracting(LedgerAudit.Fault::run, LedgerAudit.Fault::what)
                .containsExactly(tuple(first, "the run ended with this line, and it is not there"));

        asASuperuser("delete from caretaker.cleanup_ledger_seal" + run);
        assertThat(verify().faults())
                .extracting(LedgerAudit.Fault::what)
                .containsExactly("seals before that of this run are missing");

        asASuperuser("update caretaker.cleanup_ledger_seal set seq = 1, prev_hash = repeat('0', 64)");
        assertThat(verify().faults()).extracting(LedgerAudit.Fault::what).containsExactly("the run's seal was changed");

        asASuperuser("insert into caretaker.cleanup_run select * from kept_run;"
                + " insert into caretaker.cleanup_ledger select * from kept_lines;"
                + " delete from caretaker.cleanup_ledger_seal; insert into caretaker.cleanup_ledger_seal select * from kept_seals"
                + " order by seq limit 1");
        assertThat(verify().faults())
                .extracting(LedgerAudit.Fault::what)
                .containsExactly("the run has ended, and no seal names its last line");
    }

    /** What was let through an approval after it had ended is sealed with the lines that came then. */
    @Test
    void runsThatEndAtOneTimeAreSealedOneAfterTheOther() throws Exception {
        items.addExpired(40);
        TestWorker worker = items.worker("P7D");
        UUID run = worker.runNow("old-items");
        database.execute(
                "insert into caretaker.cleanup_run (id, policy, policy_hash, mode, trigger, slot, requested_by, state,"
                        + " ledger_seq, ledger_hash) select gen_random_uuid(), 'p' || n, '', 'enforce', 'manual', now(), 'test', 'running',"
                        + " 1, repeat('a', 64) from generate_series(1, 8) as n");
        List<CompletableFuture<Void>> ends = IntStream.rangeClosed(1, 8)
                .mapToObj(n -> CompletableFuture.runAsync(() -> database.execute(
                        "update caretaker.cleanup_run set finished_at = now() where policy = 'p" + n + "'")))
                .toList();
        ends.forEach(CompletableFuture::join);

        assertThat(verify().seals()).isEqualTo(9);
        assertThat(verify().faults())
                .extracting(LedgerAudit.Fault::what)
                .doesNotContain("the run's seal does not follow the one before it", "the run's seal was changed");

        database.execute("update caretaker.cleanup_run set finished_at = null where id = '" + run + "';"
                + " update caretaker.cleanup_run set finished_at = now() where id = '" + run + "'");
        assertThat(verify().seals()).isEqualTo(10);
    }

    /** As the migration finds them that brings the seals. */
    @Test
    void runsThatEndedBeforeThereWereSealsAreSealedByTheMigration() throws Exception {
        for (int n = 0; n < 3; n++) {
            items.addExpired(5);
            items.worker("P7D").runNow("old-items");
        }
        asASuperuser("delete from caretaker.cleanup_ledger_seal");
        assertThat(verify().faults()).hasSize(3);
        String migration = new String(
                LedgerAudit.class
                        .getResourceAsStream("/db/migration/V111__create_cleanup_ledger_seal.sql")
                        .readAllBytes(),
                StandardCharsets.UTF_8);

        database.execute(migration.substring(migration.indexOf("do $$")));

        assertThat(verify().faults()).isEmpty();
        assertThat(verify().seals()).isEqualTo(3);
    }
}
