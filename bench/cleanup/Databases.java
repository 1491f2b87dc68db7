package cleanup;

import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.schema.Migrate;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Callable;
import support.Stack;

/** The table that all of it is about, in a database of which every contender gets a copy. */
public final class Databases {

    /** What a JVM compiles after its start, and after its first runs, is over by then, and what was copied is on the disk. */
    static final Duration SETTLED = Duration.ofSeconds(5);

    /** The limit: one statement, one transaction. */
    static final String SINGLE = "delete from events where at < now() - interval '30 days'";

    private final Stack stack;

    public Databases(Stack stack) {
        this.stack = stack;
    }

    Stack stack() {
        return stack;
    }

    void make(String database, int rows, int percent, Order order) throws Exception {
        execute("postgres", "create database " + database);
        Migrate.migrate(DatabaseUrl.parse(stack.databaseUrl(database)));
        execute(database, "create table events (id bigint not null, at timestamptz not null, account int not null, text text not null)");
        // Two hours between the youngest expired row and the oldest that stays: the cutoff moves while it is measured.
        execute(database, "insert into events select n, case when n <= " + (long) rows * percent / 100
                + " then now() - interval '60 days' + n * interval '100 milliseconds' else now() - interval '29 days' + n * interval '10 milliseconds' end,"
                + " n % 10007, md5(n::text) || md5((n + 1)::text) from generate_series(1, " + rows + ") as n " + order.sql);
        execute(database, "alter table events add constraint events_pkey primary key (id)");
        execute(database, "create index events_at on events (at, id)");
        execute(database, "create index events_account on events (account)");
        execute(database, "vacuum (analyze, freeze) events");
        for (int i = 1; i <= MeasuredService.WARM_UPS; i++) {
            String table = "warm_up_" + i;
            execute(database, "create table " + table + " as select id, case when id % 2 = 0 then at - interval '60 days' else now() end as at"
                    + " from (select * from events limit 5000) as small");
            execute(database, "alter table " + table + " add constraint " + table + "_pkey primary key (id)");
            execute(database, "create index " + table + "_at on " + table + " (at, id)");
            execute(database, "vacuum (analyze) " + table);
        }
    }

    void drop(String database) throws SQLException {
        execute("postgres", "drop database " + database + " with (force)");
    }

    /** One statement, or the same again until nothing is left. */
    Result timed(String database, String sql, boolean repeat) throws SQLException {
        try (Connection connection = stack.connectTo(database);
                Statement statement = connection.createStatement()) {
            long beginMillis = System.currentTimeMillis();
            long begin = System.nanoTime();
            long rows = 0;
            double longest = 0;
            long now;
            do {
                long from = System.nanoTime();
                now = statement.executeLargeUpdate(sql);
                rows += now;
                longest = Math.max(longest, (System.nanoTime() - from) / 1e6);
            } while (repeat && now > 0);
            return new Result(rows, (System.nanoTime() - begin) / 1e9, longest, beginMillis, System.currentTimeMillis());
        }
    }

    <T> T onCopy(Work<T> work) throws Exception {
        return copied(() -> work.run("run"));
    }

    /** What is done in a database. */
    interface Work<T> {
        T run(String database) throws Exception;
    }

    <T> T copied(Callable<T> work) throws Exception {
        execute("postgres", "create database run template base strategy file_copy");
        execute("postgres", "checkpoint");
        try {
            // Every contender finds the table in memory as far as it fits.
            queryText("run", "select count(*) from events");
            return work.call();
        } finally {
            drop("run");
        }
    }

    /**
     * What the copy, a JVM's start or the runs before have left to do is over, and no contender writes pages that others have
     * changed.
     */
    void settle() throws Exception {
        Thread.sleep(SETTLED.toMillis());
        execute("postgres", "checkpoint");
    }

    public void execute(String database, String sql) throws SQLException {
        try (Connection connection = stack.connectTo(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    public String queryText(String database, String sql) throws SQLException {
        try (Connection connection = stack.connectTo(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
