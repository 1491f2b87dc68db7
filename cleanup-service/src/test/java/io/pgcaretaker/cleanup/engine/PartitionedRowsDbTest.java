package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.TestPolicy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Single rows of a partitioned table, partition by partition. */
class PartitionedRowsDbTest extends CleanupDbTest {

    private static final TestPolicy POLICY =
            TestPolicy.of("old-visits", "visits", "P10D").age("ended_at").with("batch-target", "PT0.01S");

    @TempDir
    Path folder;

    /** 3,000 visits over four regions, one of them divided again; every third was over long ago. */
    @BeforeEach
    void makeVisits() {
        database.execute("""
                create table visits (id int, region text, ended_at timestamptz, note text, primary key (region, id))
                  partition by list (region);
                create table visits_n partition of visits for values in ('n');
                create table visits_s partition of visits for values in ('s') partition by hash (id);
                create table visits_s0 partition of visits_s for values with (modulus 2, remainder 0);
                create table visits_s1 partition of visits_s for values with (modulus 2, remainder 1);
                create table visits_other partition of visits default;
                create table visits_none partition of visits for values in ('nowhere');
                insert into visits select n, (array['n', 's', 'e', 'w'])[1 + n % 4],
                  now() - case when n % 3 = 0 then interval '20 days' else interval '1 day' end, 'note ' || n
                  from generate_series(1, 3000) as n;
                create index on visits (ended_at, region, id);
                create table before as select * from visits;
                analyze
                """);
    }

    private TestWorker worker(Map<String, String> changes) {
        return new TestWorker(database, POLICY.settings(changes));
    }

    private long different(String sql) {
        return database.queryLong("select count(*) from ((table before except table visits) union all"
                + " (table visits except table before)) as d where " + sql);
    }

    /** PostgreSQL 13 reads no range of blocks by itself. */
    private String byBlocks() {
        return serverVersion() < 140_000 ? "keyset" : "block-ranges";
    }

    @Test
    void expiredRowsGoFromEveryPartitionByBlocksAndNoOther() throws Exception {
        UUID id = worker(Map.of()).runNow("old-visits");

        assertThat(run(id, "state || ' ' || strategy || ' ' || rows_deleted || ' ' || (tables ->> 'public.visits')"))
                .isEqualTo("completed " + byBlocks() + " 1000 1000");
        assertThat(different("id % 3 = 0")).isEqualTo(1000);
        assertThat(different("id % 3 <> 0")).isZero();
        assertThat(run(id, "phase"))
                .as("every row is accounted for without a second pass")
                .isEqualTo("first-pass");
    }

    @Test
    void aFewAreFoundByTheirIndex() throws Exception {
        database.execute("update visits set ended_at = now() where id > 30; analyze visits");

        UUID id = worker(Map.of()).runNow("old-visits");

        assertThat(run(id, "state || ' ' || strategy || ' ' || rows_deleted")).isEqualTo("completed keyset 10");
    }

    /** A table that is partitioned by age has the age in its primary key. */
    @Test
    void theAgeMayBePartOfTheKey() throws Exception {
        database.execute("drop table visits; create table visits (id int, region text, ended_at timestamptz, note text,"
                + " primary key (id, ended_at)) partition by range (ended_at);"
                + " create table visits_old partition of visits for values from (minvalue) to ('2000-01-01');"
                + " create table visits_other partition of visits default;"
                + " insert into visits select * from before; insert into visits values (9999, 'x', '1999-01-01');"
                + " create index on visits (ended_at); analyze visits");

        UUID id = worker(Map.of()).runNow("old-visits");
        database.execute("update visits set ended_at = now() - interval '11 days' where id in (1, 2)");
        UUID few = worker(Map.of()).runNow("old-visits");

        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 1001");
        assertThat(run(few, "state || ' ' || strategy || ' ' || rows_deleted")).isEqualTo("completed keyset 2");
        assertThat(database.queryLong("select count(*) from visits")).isEqualTo(1998);
    }

    @ParameterizedTest
    @CsvSource({"anonymise", "archive"})
    void theyAreMaskedOrArchivedAsWell(String action) throws Exception {
        TestPolicy policy = POLICY.with("action", action);
        if (action.equals("anonymise")) {
            policy = policy.with("mask", "[ { column: note, with: null } ]");
        }

        UUID id = new TestWorker(
                        database,
                        policy.settings(Map.of(
                                "archive-directory", folder.resolve("archive").toString())))
                .runNow("old-visits");

        assertThat(run(id, "state || ' ' || strategy || ' ' || rows_deleted"))
                .isEqualTo("completed " + byBlocks() + " 1000");
        assertThat(different("id % 3 <> 0")).isZero();
        assertThat(database.queryLong("select count(*) from visits where note is null"))
                .isEqualTo(action.equals("anonymise") ? 1000 : 0);
        assertThat(database.queryLong("select count(*) from visits"))
                .isEqualTo(action.equals("anonymise") ? 3000 : 2000);
    }

    @Test
    void aHoldOnTheTableHoldsInItsPartitions() throws Exception {
        hold("old-visits", "visits", "[\"s\", \"9\"]");
        database.execute("update visits set region = 's' where id = 9");

        worker(Map.of()).runNow("old-visits");

        assertThat(database.queryLong("select count(*) from visits where id = 9"))
                .isEqualTo(1);
        assertThat(database.queryLong("select count(*) from visits")).isEqualTo(2001);
    }

    /** One that is detached, dropped or added while the run is under way is left, passed over, or found at the end. */
    @Test
    void partitionsMayComeAndGoMeanwhile() throws Exception {
        TestWorker worker = worker(Map.of());
        UUID id = worker.runNow("old-visits");
        amidTheFirstPartition(id);
        database.execute("alter table visits detach partition visits_n;"
                + " create table visits_x partition of visits for values in ('x');"
                + " insert into visits values (9999, 'x', now() - interval '20 days', 'new')");

        worker.worker.work();

        assertThat(run(id, "state")).isEqualTo("completed");
        assertThat(database.queryLong("select count(*) from visits where ended_at < now() - interval '10 days'"))
                .isZero();
        assertThat(database.queryLong("select count(*) from visits_n where ended_at < now() - interval '10 days'"))
                .as("it is not the table's any more")
                .isEqualTo(250);
    }

    /** As a crash leaves it: every row is there again, and the run stands in {@code visits_n}. */
    private void amidTheFirstPartition(UUID id) {
        database.execute("insert into visits select id, region, ended_at, note from before where id % 3 = 0"
                + " on conflict do nothing");
        String cursor = "jsonb_build_object('next', 1, 'end', 5, 'leaf', 'visits_n'::regclass::oid::bigint)";
        database.execute("update caretaker.cleanup_run set state = 'running', finished_at = null, stop_reason = null,"
                + " lease_until = now() - interval '1 minute', cursor = " + cursor
                + ", rows_deleted = 0, ledger_seq = 0,"
                + " ledger_hash = null, tables = '{}' where id = '" + id + "';"
                + " alter table caretaker.cleanup_ledger disable trigger all; delete from caretaker.cleanup_ledger");
    }

    /** The batch has seen the partition and waits for its lock, behind the one who drops it. */
    @Test
    void aPartitionThatIsDroppedBetweenLookAndLockIsPassedOver() throws Exception {
        TestWorker worker = worker(Map.of("lock-timeout", "30s", "statement-timeout", "30s"));
        UUID id = worker.runNow("old-visits");
        amidTheFirstPartition(id);
        String gate = "(caretaker.hold_gate('\"public\".\"visits\"'))";
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (Connection hold = database.connect();
                Statement holding = hold.createStatement();
                Connection application = database.connect();
                Statement statement = application.createStatement()) {
            holding.execute("select pg_advisory_lock" + gate);
            Future<?> run = threads.submit(worker.worker::work);
            awaitSession("wait_event_type = 'Lock' and wait_event = 'advisory'");
            application.setAutoCommit(false);
            statement.execute("drop table visits_n");
            holding.execute("select pg_advisory_unlock" + gate);
            awaitSession("wait_event_type = 'Lock' and wait_event = 'relation'");

            application.commit();

            run.get();
        } finally {
            threads.shutdownNow();
        }
        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("completed 750");
        assertThat(database.queryLong("select count(*) from visits where ended_at < now() - interval '10 days'"))
                .isZero();
    }

    @Test
    void rowsThatReferToThemGoFirst() throws Exception {
        database.execute("create table marks (id int primary key, region text, visit int,"
                + " foreign key (region, visit) references visits on delete cascade) ;"
                + " create index on marks (region, visit); insert into marks select id, region, id from visits");

        UUID id = worker(Map.of()).runNow("old-visits");

        assertThat(run(id, "state || ' ' || strategy || ' ' || rows_deleted")).isEqualTo("completed keyset 2000");
        assertThat(database.queryLong("select count(*) from marks")).isEqualTo(2000);
    }

    /** A long lock on a row of one partition holds up nothing else. */
    @Test
    void aLockedRowIsLeftAndTheOthersGo() throws Exception {
        try (OpenTransaction connection =
                OpenTransaction.begin(database, "update visits set note = note where id = 3")) {
            UUID id = worker(Map.of("lock-timeout", "20ms")).runNow("old-visits");

            assertThat(run(id, "state || ' ' || rows_deleted || ' ' || rows_skipped"))
                    .isEqualTo("completed 999 1");
            connection.rollback();
        }
    }

    /** Only with its age is a row's id unique in the whole table; that of one partition is unique there. */
    @Test
    void whatRefersToARowOfOnePartitionDoesNotGoWithItsNamesakeOfAnother() throws Exception {
        database.execute("""
                create table parts (id bigint, at timestamptz, primary key (id, at)) partition by range (at);
                create table parts_old partition of parts for values from (minvalue) to ('2020-01-01');
                create table parts_new partition of parts for values from ('2020-01-01') to (maxvalue);
                create index on parts (at, id);
                alter table parts_new add unique (id);
                insert into parts values (1, '2019-01-01'), (2, '2019-01-01'), (1, now());
                create table remarks (id bigint primary key, part bigint references parts_new (id) on delete cascade);
                create index on remarks (part);
                insert into remarks values (7, 1);
                analyze
                """);

        UUID id = new TestWorker(
                        database, TestPolicy.of("old-parts", "parts", "P10D").settings())
                .runNow("old-parts");

        assertThat(run(id, "state || ' ' || rows_deleted || coalesce(stop_detail, '')"))
                .isEqualTo("completed 2");
        assertThat(database.queryLong("select count(*) from parts")).isOne();
        assertThat(database.queryLong("select count(*) from remarks")).isOne();
    }
}
