package io.pgcaretaker.monitoring.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.monitoring.Transaction;
import io.pgcaretaker.testing.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;

class SizeRepositoryDbTest {

    private final TestDatabase database = TestDatabase.createMigrated();
    private final SizeRepository sizes = new SizeRepository();
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.HOURS);

    private <T> T read(Transaction.Work<T> work) throws SQLException {
        return Transaction.run(database.source(), "sizes", work);
    }

    private void samples(String schema, String table, int fromHoursAgo, int toHoursAgo) {
        database.execute("""
                insert into caretaker.size_sample (taken_at, schema_name, table_name, bytes)
                select timestamptz '%1$s' - make_interval(hours => hour), '%2$s', '%3$s', 100000 - hour
                from generate_series(%4$d, %5$d) hour
                """.formatted(now, schema, table, toHoursAgo, fromHoursAgo));
    }

    @Test
    void theDatabaseOfAYearIsToldUpToNow() throws Exception {
        samples("", "", 365 * 24, 0);

        List<SizeRepository.Size> told =
                read(connection -> sizes.database(connection, now.minus(Duration.ofDays(366))));

        assertThat(told).hasSize(365 * 24 + 1);
        assertThat(told.get(told.size() - 1).takenAt()).isEqualTo(now);
    }

    @Test
    void eachTableIsMeasuredFromItsFirstSampleOfTheTimeToItsLast() throws Exception {
        samples("", "", 100, 0);
        samples("public", "all the time", 100, 0);
        samples("public", "came later", 7, 0);
        samples("public", "has gone", 100, 50);
        samples("audit", "all the time", 100, 20);

        List<SizeRepository.Growth> told =
                read(connection -> sizes.tables(connection, now.minus(Duration.ofHours(30)), 20));

        assertThat(told)
                .containsExactly(
                        new SizeRepository.Growth("public", "all the time", 100_000, 30),
                        new SizeRepository.Growth("audit", "all the time", 99_980, 10),
                        new SizeRepository.Growth("public", "came later", 100_000, 7));
    }

    @Test
    void noSamplesAreNoGrowth() throws Exception {
        List<SizeRepository.Growth> told = read(connection -> sizes.tables(connection, now, 20));

        assertThat(told).isEmpty();
    }
}
