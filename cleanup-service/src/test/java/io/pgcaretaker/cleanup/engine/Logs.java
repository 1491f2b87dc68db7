package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.testing.TestDatabase;

/** A table that nothing depends on, and its policy, whose batches are over soon. */
final class Logs {

    static final TestPolicy POLICY = TestPolicy.of("old-logs", "logs", "P1D").with("batch-target", "PT0.01S");

    private Logs() {}

    /** Rows 1 to {@code expired} are expired, spread over the table or at its beginning. */
    static void make(TestDatabase database, int rows, int expired, boolean spread) {
        database.execute("create table logs (id bigint primary key, at timestamptz, text text)");
        database.execute("insert into logs select n, case when n <= " + expired
                + " then now() - interval '2 days' + n * interval '1 millisecond' else now() end, repeat('x', 50)"
                + " from generate_series(1, " + rows + ") as n order by " + (spread ? "md5(n::text)" : "n"));
        database.execute("create index logs_at on logs (at, id)");
        database.execute("vacuum analyze logs");
    }
}
