package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One user of six has most of all orders, which have items in turn: more than one transaction takes. */
class LargeRowDbTest extends CleanupDbTest {

    private static final int ORDERS = 25_000;

    private static final TestPolicy GONE_USERS =
            TestPolicy.of("gone-users", "users", "P30D").age("gone_at");

    @TempDir
    Path folder;

    @BeforeEach
    void makeUsers() {
        database.execute("create table users (id int primary key, gone_at timestamptz);"
                + " create index users_gone on users (gone_at, id)");
    }

    @Test
    void dependentsOfOneRowGoInParts() throws Exception {
        database.execute("""
                create table orders (id int primary key, user_id int not null references users);
                create index orders_user on orders (user_id);
                create table items (id int primary key, order_id int not null references orders on delete cascade);
                create index items_order on items (order_id);
                insert into users select n, case when n <= 4 then now() - interval '40 days' end from generate_series(1, 6) as n;
                insert into orders select n, case when n <= %1$d then 2 else 1 + n %% 6 end from generate_series(1, %1$d + 60) as n;
                insert into items select n, n from generate_series(1, %1$d + 60) as n;
                insert into items select %1$d + 60 + n, 1 from generate_series(1, 12000) as n;
                analyze
                """.formatted(ORDERS));
        TestPolicy policy = GONE_USERS.with("dependents", "[orders]").limits(100, 1);

        UUID run = new TestWorker(database, policy.settings()).runNow("gone-users");

        assertThat(run(run, "state || ' ' || rows_skipped || ' ' || rows_deleted"))
                .isEqualTo("completed 0 " + (4 + 2 * (ORDERS + 40) + 12_000));
        assertThat(database.queryLong("select count(*) from users")).isEqualTo(2);
        assertThat(database.queryLong("select count(*) from orders")).isEqualTo(20);
        assertThat(database.queryLong("select count(*) from items")).isEqualTo(20);
        // Orders and items of one part.
        assertThat(database.queryLong("select max(rows) from caretaker.cleanup_ledger"))
                .isLessThanOrEqualTo(20_000);
        assertThat(database.queryLong("select sum(rows) from caretaker.cleanup_ledger"))
                .isEqualTo(4 + 2 * (ORDERS + 40) + 12_000);
    }

    /** However soon the parts of one row are over: how many rows go at once is found by rows that go together. */
    @Test
    void afterALargeRowBatchesAreAsSmallAsBeforeIt() throws Exception {
        database.execute("""
                create table orders (id int primary key, user_id int not null references users on delete cascade);
                create index orders_user on orders (user_id);
                insert into users select n, now() - interval '40 days' + n * interval '1 second' from generate_series(1, 4000) as n;
                insert into orders select n, 150 from generate_series(1, 20000) as n;
                analyze
                """);
        String scans = "select seq_scan from pg_stat_user_tables where relname = 'orders'";
        long before = database.queryLong(scans);

        new TestWorker(database, GONE_USERS.with("batch-target", "PT1S").settings()).runNow("gone-users");

        // A session's numbers are there when it ends, or a second later.
        database.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
                + " and pid <> pg_backend_pid()");
        assertThat(database.queryLong(scans) - before)
                .as("reads of the whole of orders; who made the table may tell his own only now")
                .isLessThanOrEqualTo(5);
        assertThat(database.queryLong("select count(*) from users")).isZero();
        // It goes in the last transaction that has both; what is behind it had no measurement yet.
        assertThat(database.queryLong("""
                        select l.rows
                        from caretaker.cleanup_ledger l
                        where l.seq = (select max(seq) + 1 from caretaker.cleanup_ledger where counts like '%public.orders%')
                        """)).isLessThanOrEqualTo(100);
    }

    /** Without a key its visits cannot be named, and notes only lose their author: a trigger makes each cost a millisecond. */
    @Test
    void whatPostgresWouldDoAtOnceIsDoneInPartsWhenItTakesTooLong() throws Exception {
        database.execute("""
                create table visits (user_id int not null references users on delete cascade);
                create index visits_user on visits (user_id);
                create table notes (id int primary key, author int references users on delete set null);
                create index notes_author on notes (author);
                insert into users select n, case when n = 1 then now() - interval '40 days' end from generate_series(1, 3) as n;
                insert into visits select 1 + n % 3 from generate_series(1, 1500) as n;
                insert into notes select n, 1 + n % 3 from generate_series(1, 1500) as n;
                analyze;
                create function slow() returns trigger language plpgsql as
                  'begin perform pg_sleep(0.001); return coalesce(new, old); end';
                create trigger slow before update on notes for each row execute function slow();
                create trigger slow before delete on visits for each row execute function slow()
                """);
        TestPolicy policy = GONE_USERS.with("triggers", "[slow]").limits(100, 1);

        UUID run = new TestWorker(database, policy.settings(Map.of("statement-timeout", "300ms"))).runNow("gone-users");

        assertThat(run(run, "state || ' ' || rows_skipped || ' ' || rows_deleted"))
                .isEqualTo("completed 0 501");
        assertThat(database.queryLong("select count(*) from notes where author is null"))
                .isEqualTo(500);
        assertThat(database.queryLong("select count(*) from notes where author > 1"))
                .isEqualTo(1_000);
        assertThat(database.queryLong("select count(*) from visits")).isEqualTo(1_000);
    }

    /** A foreign key is not inherited: PostgreSQL leaves rows of a table that inherits as they are. */
    @Test
    void whatDoesNotReferToTheRowKeepsItsValue() throws Exception {
        database.execute("""
                create table notes (id int primary key, author int references users on delete set null);
                create index notes_author on notes (author);
                create table old_notes () inherits (notes);
                create index old_notes_author on old_notes (author);
                insert into users select n, case when n = 1 then now() - interval '40 days' end from generate_series(1, 3) as n;
                insert into notes select n, 1 + n % 3 from generate_series(1, 1500) as n;
                insert into old_notes select n, 1 from generate_series(1, 100) as n;
                analyze;
                create function slow() returns trigger language plpgsql as
                  'begin perform pg_sleep(0.001); return coalesce(new, old); end';
                create trigger slow before update on notes for each row execute function slow()
                """);
        TestPolicy policy = GONE_USERS.with("triggers", "[slow]").limits(100, 1);

        UUID run = new TestWorker(database, policy.settings(Map.of("statement-timeout", "300ms"))).runNow("gone-users");

        assertThat(run(run, "state || ' ' || rows_skipped || ' ' || rows_deleted || coalesce(stop_detail, '')"))
                .isEqualTo("completed 0 1");
        assertThat(database.queryLong("select count(*) from only notes where author is null"))
                .isEqualTo(500);
        assertThat(database.queryLong("select count(*) from old_notes where author = 1"))
                .isEqualTo(100);
    }

    /** Its rows are written to their file by the statement that deletes them, which cannot be done in parts. */
    @Test
    void anArchivingRunSaysWhichReferencesMayBeInItsWay() throws Exception {
        database.execute("""
                create table notes (id int primary key, author int references users on delete set null);
                create index notes_author on notes (author);
                insert into users values (1, now() - interval '40 days');
                insert into notes select n, 1 from generate_series(1, 500) as n;
                create function slow() returns trigger language plpgsql as
                  'begin perform pg_sleep(0.001); return coalesce(new, old); end';
                create trigger slow before update on notes for each row execute function slow()
                """);
        TestPolicy policy = GONE_USERS.with("triggers", "[slow]").with("action", "archive");

        UUID run = new TestWorker(
                        database,
                        policy.settings(Map.of("statement-timeout", "300ms", "archive-directory", folder.toString())))
                .runNow("gone-users");

        assertThat(run(run, "state || ' ' || stop_detail"))
                .startsWith("failed ")
                .contains("rows of public.notes refer to one of these", "set them to null in parts before");
    }
}
