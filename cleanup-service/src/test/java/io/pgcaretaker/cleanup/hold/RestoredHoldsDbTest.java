package io.pgcaretaker.cleanup.hold;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.engine.TestWorker;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A dump of the database was restored: rows are held in tables of other oids than then. */
class RestoredHoldsDbTest extends CleanupDbTest {

    private final TestWorker worker = new TestWorker(
            database, TestPolicy.of("old-letters", "letters", "P30D").settings());

    /** No table has the oid that the hold's had. */
    @BeforeEach
    void restore() {
        database.execute("create table post (id int primary key, at timestamptz); create index on post (at, id);"
                + " insert into post values (7, now() - interval '40 days'); analyze post");
        hold("old-post", "post", "[\"7\"]");
        database.execute("update caretaker.legal_hold set subject_oid = 4294967295");
    }

    private void find() {
        worker.transactions.run("test.find", HeldTables::find);
    }

    @Test
    void heldRowsStayWhereTheirTableIsRenamedAfterwards() {
        find();
        database.execute("alter table post rename to letters");

        worker.runNow("old-letters");

        assertThat(database.queryLong("select count(*) from letters")).isEqualTo(1);
        assertThat(worker.check("old-letters").reasons())
                .singleElement()
                .satisfies(reason -> assertThat(reason).contains("are held by the name that it had then"));
    }

    /** Its rows are where the oid says, and not in what has the name now. */
    @Test
    void aTableThatIsThereUnderAnotherNameIsNotForgotten() {
        find();
        database.execute("alter table post rename to letters; create table post (id int primary key, at timestamptz)");
        find();
        database.execute("drop table post");

        worker.runNow("old-letters");

        assertThat(database.queryLong("select count(*) from letters")).isEqualTo(1);
    }
}
