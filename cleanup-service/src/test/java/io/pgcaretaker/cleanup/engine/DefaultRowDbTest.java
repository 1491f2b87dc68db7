package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Twenty people of whom nothing is to be kept, and nobody (0), who is as old: what was theirs is nobody's then. */
class DefaultRowDbTest extends CleanupDbTest {

    @Test
    void theRowThatOthersReferToByDefaultStays() throws Exception {
        database.execute("""
                create table people (id int primary key, at timestamptz);
                create index on people (at, id);
                insert into people select n, now() - interval '30 days' from generate_series(0, 20) as n;
                create table notes (id int primary key, owner int default 0 references people on delete set default);
                create index on notes (owner);
                insert into notes select n, n from generate_series(1, 20) as n;
                analyze
                """);

        UUID id = new TestWorker(
                        database, TestPolicy.of("old-people", "people", "P7D").settings())
                .runNow("old-people");

        assertThat(run(id, "state || ' ' || rows_deleted || ' ' || coalesce(stop_detail, '')"))
                .isEqualTo("completed 20 ");
        assertThat(texts("select id::text from people")).containsExactly("0");
        assertThat(texts("select owner::text from notes")).containsExactly("0");
    }
}
