package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tables as a seed makes them, while the application takes rows back from deletion: every expired row goes with its
 * dependents, and no other, nor one that was taken back in time.
 */
class AnyTableDbTest extends CleanupDbTest {

    private static final int ROWS = 800;

    /** Key columns and their values for row n. */
    private static final String[][] KEYS = {
        {"id bigint", "n"},
        {"id uuid", "md5(n::text)::uuid"},
        {"id text", "'Kåre ' || n"},
        {"id varchar(20)", "'k' || n"},
        {"tenant int, \"Name\" text", "n / 10, 'name ' || n"}
    };

    private static final String[] AGES = {"timestamptz", "timestamp", "timestamp(3)", "date"};

    /** What a seed decides. */
    private record Shape(
            String schema,
            String columns,
            String values,
            String age,
            String zone,
            int expired,
            int depth,
            boolean partitioned) {
        static Shape of(Random random) {
            String[] key = KEYS[random.nextInt(KEYS.length)];
            return new Shape(
                    random.nextBoolean() ? "public" : "My \"App\" %s ?",
                    key[0],
                    key[1],
                    AGES[random.nextInt(AGES.length)],
                    random.nextBoolean() ? "UTC" : "Asia/Tokyo",
                    random.nextInt(ROWS),
                    random.nextInt(3),
                    random.nextBoolean());
        }

        String names() {
            return columns.replaceAll("(\"?\\w+\"?) [a-z0-9()]+", "$1");
        }

        String qualified(String table) {
            return "\"" + schema.replace("\"", "\"\"") + "\"." + table;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void whatIsExpiredGoesAndWhatIsTakenBackStays(long seed) throws Exception {
        Random random = new Random(seed);
        Shape shape = Shape.of(random);
        make(shape);
        TestWorker worker = new TestWorker(database, policy(shape).settings());
        SortedSet<String> takenBack = new TreeSet<>();
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService application = Executors.newSingleThreadExecutor();
        try {
            Future<?> updates = application.submit(() -> takeBack(shape, random, takenBack, over));
            worker.runNow("things");
            over.set(true);
            updates.get();
            // What the application had in its hands at the end of the run is the next one's.
            worker.runNow("things");
        } finally {
            application.shutdownNow();
        }

        SortedSet<String> expected = new TreeSet<>(takenBack);
        for (int n = shape.expired() + 1; n <= ROWS; n++) {
            expected.add(Integer.toString(n));
        }
        assertThat(ns(shape, "thing")).as(shape.toString()).isEqualTo(expected);
        if (shape.depth() > 0) {
            assertThat(ns(shape, "part")).as(shape.toString()).isEqualTo(expected);
        }
        if (shape.depth() > 1) {
            assertThat(ns(shape, "piece")).as(shape.toString()).isEqualTo(expected);
        }
        assertThat(database.queryLong("select coalesce(sum(rows), 0) from caretaker.cleanup_ledger"))
                .isEqualTo((ROWS - expected.size()) * (shape.depth() + 1L));
    }

    private void make(Shape shape) {
        String thing = shape.qualified("thing");
        String part = shape.qualified("part");
        database.execute("create schema if not exists \"" + shape.schema().replace("\"", "\"\"") + "\"");
        database.execute(
                "create table " + thing + " (" + shape.columns() + ", n int not null, gone boolean not null, at "
                        + shape.age() + ", primary key (" + shape.names() + "))"
                        + (shape.partitioned() ? " partition by hash (" + shape.names() + ")" : ""));
        for (int i = 0; i < 3 && shape.partitioned(); i++) {
            database.execute("create table " + shape.qualified("thing_" + i) + " partition of " + thing
                    + " for values with (modulus 3, remainder " + i + ")");
        }
        // Rows up to "expired" are older than two days; the others younger, or old but not marked.
        database.execute("insert into " + thing + " select " + shape.values() + ", n, n <= " + shape.expired()
                + " or n % 2 = 0, (case when n <= " + shape.expired()
                + " then now() - interval '5 days' - (n % 50) * interval '1 hour'"
                + " when n % 2 = 1 then now() - interval '9 days' else now() end) at time zone '" + shape.zone()
                + "' " + (shape.age().equals("timestamptz") ? "at time zone '" + shape.zone() + "'" : "")
                + " from generate_series(1, " + ROWS + ") as n");
        if (shape.depth() > 0) {
            database.execute("create table " + part + " (n int primary key, " + shape.columns() + ", foreign key ("
                    + shape.names() + ") references " + thing + " on delete cascade)");
            database.execute("create index on " + part + " (" + shape.names() + ")");
            database.execute("insert into " + part + " select n, " + shape.values() + " from generate_series(1, " + ROWS
                    + ") as n");
        }
        if (shape.depth() > 1) {
            database.execute(
                    "create table " + shape.qualified("piece") + " (n int references " + part + " on delete cascade)");
            database.execute("create index on " + shape.qualified("piece") + " (n)");
            database.execute("insert into " + shape.qualified("piece") + " select n from " + part);
        }
        database.execute("create index on " + thing + " (at) where gone; analyze");
    }

    private static TestPolicy policy(Shape shape) {
        return TestPolicy.of("things", "thing", "P2D")
                .with("schema", "'" + shape.schema() + "'")
                .with("age", "{ column: at, means: event, zone: " + shape.zone() + " }")
                .with("filter", "[ { column: gone, is: true } ]")
                .with("batch-target", "PT0.01S");
    }

    /**
     * The application un-deletes rows one by one, and a row that was still there stays for good; others it only touches,
     * which gives them another place in the table, and they go all the same.
     */
    private void takeBack(Shape shape, Random random, SortedSet<String> takenBack, AtomicBoolean over) {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            while (!over.get() && shape.expired() > 0) {
                int n = 1 + random.nextInt(shape.expired());
                statement.executeUpdate("update " + shape.qualified("thing") + " set at = at where n = "
                        + (1 + random.nextInt(shape.expired())));
                if (statement.executeUpdate("update " + shape.qualified("thing") + " set gone = false where n = " + n)
                        == 1) {
                    takenBack.add(Integer.toString(n));
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private SortedSet<String> ns(Shape shape, String table) throws SQLException {
        return texts("select n from " + shape.qualified(table));
    }
}
