package io.pgcaretaker.cleanup.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.run.Items;
import io.pgcaretaker.testing.TestDatabase;
import org.junit.jupiter.api.Test;

/** The ledger cannot be changed, and when it was all the same, it is found. */
class LedgerAuditDbTest extends CleanupDbTest {

    private final Items items = new Items(database);

    @Test
    void aLedgerThatWasChangedIsFound() throws Exception {
        items.addExpired(300);
        items.worker("P7D").runNow("old-items");
        LedgerAudit audit = new LedgerAudit(new Transactions(database.source()), new LedgerRepository());
        assertThat(audit.verify().intact()).isTrue();

        // As a superuser can: the trigger away, the line changed, the trigger back.
        for (String tampering : new String[] {
            "update caretaker.cleanup_ledger set rows = rows - 1 where seq = 1",
            "delete from caretaker.cleanup_ledger where seq = 1",
            "update caretaker.cleanup_ledger set archive = 'other' where seq = 1"
        }) {
            TestDatabase other = tampered(tampering);
            LedgerAudit.Verdict verdict =
                    new LedgerAudit(new Transactions(other.source()), new LedgerRepository()).verify();
            assertThat(verdict.intact()).as(tampering).isFalse();
            assertThat(verdict.faults()).as(tampering).isNotEmpty();
        }
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
}
