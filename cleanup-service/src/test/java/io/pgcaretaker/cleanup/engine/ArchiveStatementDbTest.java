package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** COPY takes no parameters, and what stands in its text is in pg_stat_activity, pg_stat_statements and the server's log. */
class ArchiveStatementDbTest extends CleanupDbTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {100, 3})
    void theStatementsThatArchiveAreAFewAndHaveNoKeyInThem(int share) throws Exception {
        database.execute("create table people (email text primary key, at timestamptz, note text);"
                + " insert into people select 'person-' || n || '@example.com',"
                + "   now() - case when n % 100 < " + share + " then interval '9 days' else interval '1 hour' end,"
                + "   repeat('x', 500) from generate_series(1, 20000) as n;"
                + " create index on people (at, email)");
        database.execute("vacuum analyze people");
        database.execute("create table seen (statement text);"
                + " create function seen() returns trigger language plpgsql as"
                + " $$ begin insert into seen values (current_query()); return null; end $$;"
                + " create trigger seen after delete on people for each statement execute function seen()");
        TestWorker worker = new TestWorker(
                database,
                TestPolicy.of("people", "people", "P1D")
                        .with("action", "archive")
                        .with("triggers", "[seen]")
                        .with("batch-target", "PT0.002S")
                        .settings(Map.of("archive-directory", folder.toString())));

        String state = run(worker.runNow("people"), "state || ' ' || rows_deleted");

        assertThat(state).isEqualTo("completed " + 200 * share);
        assertThat(database.queryLong("select count(*) from seen")).isGreaterThan(8);
        assertThat(texts("select statement from seen where statement like '%person-%'"))
                .isEmpty();
        assertThat(texts("select distinct statement from seen")).hasSizeLessThanOrEqualTo(8);
    }
}
