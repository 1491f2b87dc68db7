package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.testing.TestDatabase;

/** A table of items, and its policy, of which a test says the retention. */
public final class Items {

    private final TestDatabase database;

    /** None yet. */
    public Items(TestDatabase database) {
        this.database = database;
        database.execute("create table items (id bigint primary key, at timestamptz)");
        database.execute("create index items_at on items (at, id)");
    }

    static TestPolicy policy(String retention) {
        return TestPolicy.of("old-items", "items", retention);
    }

    public TestWorker worker(String retention) {
        return new TestWorker(database, policy(retention).settings());
    }

    /** So many more that are nine days old. */
    public void addExpired(int rows) {
        database.execute("insert into items select (select coalesce(max(id), 0) from items) + n,"
                + " now() - interval '9 days' from generate_series(1, " + rows + ") as n");
        database.execute("analyze items");
    }

    long count() {
        return database.queryLong("select count(*) from items");
    }
}
