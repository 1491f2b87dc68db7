package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A primary key whose index has a column along that is no part of the key. */
class IncludedColumnDbTest extends CleanupDbTest {

    @BeforeEach
    void make() {
        database.execute("""
                create table notes (id bigint, visits int, at timestamptz, primary key (id) include (visits));
                create index on notes (at, id);
                create table lines (id bigint primary key, note bigint references notes on delete cascade);
                create index on lines (note);
                insert into notes select n, 0, now() - interval '9 days' from generate_series(1, 50) as n;
                insert into lines select n, n from generate_series(1, 50) as n
                """);
    }

    private UUID run() {
        return new TestWorker(database, TestPolicy.of("notes", "notes", "P7D").settings()).runNow("notes");
    }

    /** It was said to be named by both, which no unique index is over. */
    @Test
    void rowsAreNamedByTheKeyAlone() throws Exception {
        UUID id = run();

        assertThat(run(id, "state || ' ' || rows_deleted || coalesce(' ' || stop_detail, '')"))
                .isEqualTo("completed 100");
    }

    /** The application counts visits of a held row as of any other. */
    @Test
    void soAreHeldRows() throws Exception {
        hold("notes", "notes", "[\"7\"]");
        database.execute("update notes set visits = visits + 1");

        UUID id = run();

        assertThat(run(id, "state || ' ' || rows_deleted || coalesce(' ' || stop_detail, '')"))
                .isEqualTo("completed 98");
        assertThat(texts("select id from notes")).containsExactly("7");
    }
}
