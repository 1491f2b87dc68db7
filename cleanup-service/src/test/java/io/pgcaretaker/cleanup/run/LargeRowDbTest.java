package io.pgcaretaker.cleanup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.SampleRows;
import io.pgcaretaker.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One user of six has most of all orders, which have items in turn: more than one transaction takes. */
class LargeRowDbTest {

    private static final int ORDERS = 25_000;

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.createMigrated();

    @Test
    void dependentsOfOneRowGoInParts() throws Exception {
        database.execute("""
                create table users (id int primary key, gone_at timestamptz);
                create index users_gone on users (gone_at, id);
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
        Path file = folder.resolve("policies.yaml");
        Files.writeString(file, """
                policies:
                  - name: gone-users
                    table: users
                    age: { column: gone_at, means: event }
                    retention: P30D
                    every: PT1H
                    dependents: [orders]
                    limits: { max-rows: 100, max-fraction: 1 }
                """);

        UUID run = new TestWorker(database, Map.of("policies-file", file.toString())).runNow("gone-users");

        assertThat(SampleRows.texts(
                        database,
                        "select state || ' ' || rows_skipped || ' ' || rows_deleted from caretaker.cleanup_run where id = '"
                                + run + "'"))
                .containsExactly("completed 0 " + (4 + 2 * (ORDERS + 40) + 12_000));
        assertThat(database.queryLong("select count(*) from users")).isEqualTo(2);
        assertThat(database.queryLong("select count(*) from orders")).isEqualTo(20);
        assertThat(database.queryLong("select count(*) from items")).isEqualTo(20);
        // Orders and items of one part.
        assertThat(database.queryLong("select max(rows) from caretaker.cleanup_ledger"))
                .isLessThanOrEqualTo(20_000);
        assertThat(database.queryLong("select sum(rows) from caretaker.cleanup_ledger"))
                .isEqualTo(4 + 2 * (ORDERS + 40) + 12_000);
    }
}
