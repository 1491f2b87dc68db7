package io.pgcaretaker.cleanup.plan;

import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;

/** Estimates what a run would cost. */
final class Costs {

    /** Rows a second, where no run has told yet. */
    private static final double USUAL_RATE = 30_000;

    /** Of one deleted row, measured over tables in random order, full-page images included. */
    private static final long WAL_BYTES = 290;

    private final Transactions transactions;

    Costs(Transactions transactions) {
        this.transactions = transactions;
    }

    /** What deleting so many rows costs. */
    Plan.Estimate estimate(ArmedPolicy armed, long rows, long tableRows) {
        double rate = transactions.run(
                "cleanup.rate",
                session -> session.first(Sql.of("""
                                /* caretaker.cleanup.rate */
                                select rows_deleted / extract(epoch from finished_at - started_at)::float8
                                from (
                                  select *
                                  from caretaker.cleanup_run
                                  where policy = ?
                                  order by created_at desc
                                  limit 1000) as lately
                                where state = 'completed'
                                  and rows_deleted >= 1000
                                  and finished_at > started_at
                                order by created_at desc
                                limit 1
                                """, armed.policy().name()), row -> row.getDouble(1))
                        .orElse(USUAL_RATE));
        return new Plan.Estimate(
                (long) ((double) armed.table().bytes() * rows / Math.max(1, Math.max(rows, tableRows))),
                rows * WAL_BYTES,
                (long) Math.ceil(rows / rate));
    }
}
