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

/** What is read of windows that were written down; {@link HistoryDbTest} has how they come about. */
class StatementRepositoryDbTest {

    private final TestDatabase database = TestDatabase.createMigrated();
    private final StatementRepository statements = new StatementRepository();
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.MINUTES);

    private <T> T read(Transaction.Work<T> work) throws SQLException {
        return Transaction.run(database.source(), "statements", work);
    }

    /** One every five minutes until now. */
    private void windows(long queryId, String user, int number, double totalMs) {
        database.execute("""
                insert into caretaker.statement_sample (taken_at, query_id, user_name, seconds, calls, total_ms, rows,
                  blocks_hit, blocks_read, temp_blocks)
                select timestamptz '%1$s' - make_interval(mins => 5 * n), %2$d, '%3$s', 300, 1, %5$s, 1, 1, 1, 0
                from generate_series(0, %4$d - 1) n
                """.formatted(now, queryId, user, number, totalMs));
    }

    @Test
    void aMonthOfAStatementIsToldUpToNow() throws Exception {
        windows(1, "app", 8_640, 1);

        List<StatementRepository.Window> told =
                read(connection -> statements.windows(connection, 1, now.minus(Duration.ofDays(31))));

        assertThat(told)
                .hasSize(8_640)
                .isSortedAccordingTo((one, other) -> one.takenAt().compareTo(other.takenAt()));
        assertThat(told.get(told.size() - 1).takenAt()).isEqualTo(now);
    }

    @Test
    void ofMoreWindowsThanAnAnswerHasTheNewestAreTold() throws Exception {
        windows(1, "app", StatementRepository.MOST_WINDOWS + 1, 1);

        List<StatementRepository.Window> told = read(connection -> statements.windows(connection, 1, Instant.EPOCH));

        assertThat(told).hasSize(StatementRepository.MOST_WINDOWS);
        assertThat(told.get(told.size() - 1).takenAt()).isEqualTo(now);
    }

    @Test
    void theMostExpensiveComeFirstWithTheirTextsAndTheOthersLast() throws Exception {
        windows(0, "", 10, 100);
        windows(1, "app", 10, 1);
        windows(2, "app", 10, 3);
        windows(2, "report", 10, 2);
        database.execute("insert into caretaker.statement_text values (2, 'select 2', now())");

        List<StatementRepository.Total> told =
                read(connection -> statements.top(connection, Instant.EPOCH, StatementOrder.TIME, 4));
        List<StatementRepository.Total> first =
                read(connection -> statements.top(connection, Instant.EPOCH, StatementOrder.TIME, 1));

        assertThat(told)
                .extracting(total -> total.queryId() + " " + total.user() + " " + total.totalMs() + " " + total.query())
                .containsExactly("2 app 30.0 select 2", "2 report 20.0 select 2", "1 app 10.0 ", "other  1000.0 ");
        assertThat(first).isEqualTo(told.subList(0, 1));
    }
}
