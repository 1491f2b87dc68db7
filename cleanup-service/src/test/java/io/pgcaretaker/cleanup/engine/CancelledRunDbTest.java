package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.database.InterceptedSessions;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** An operator ends a run; others who get reports do not sit beside them. */
class CancelledRunDbTest extends CleanupDbTest {

    private static final String MAIL = "select coalesce(string_agg(concat_ws(' ', variables ->> 'state',"
            + " variables ->> 'rowsDeleted', variables ->> 'stopReason'), ', '), '') from caretaker.cleanup_mail_intent";

    private final Items items = new Items(database);

    private TestWorker worker(DataSource source) {
        return new TestWorker(
                source, Items.policy("P7D").settings(Map.of("alert-email", "ops@example.com")), Clock.systemUTC());
    }

    @Test
    void itsReportSaysWhatHadGone() throws Exception {
        items.addExpired(10);
        DataSource lost = InterceptedSessions.beforeStatement(
                database.source(), "caretaker.cleanup.run-close", (session, method, statement) -> {
                    throw new SQLException("the connection was cut", "08006");
                });
        TestWorker worker = worker(lost);
        UUID id = worker.runNow("old-items");
        assertThat(run(id, "state || ' ' || rows_deleted")).isEqualTo("running 10");

        worker.requests.cancel(id, "boss");

        assertThat(run(id, "state || ' ' || mailed")).isEqualTo("cancelled true");
        assertThat(text(MAIL)).isEqualTo("cancelled 10 cancelled: by boss");
    }

    @Test
    void whereNothingHasGoneThereIsNothingToReport() throws Exception {
        items.addExpired(10);
        TestWorker worker = worker(database.source());
        UUID id = worker.begin("old-items");

        worker.requests.cancel(id, "boss");

        assertThat(run(id, "state || ' ' || mailed")).isEqualTo("cancelled false");
        assertThat(text(MAIL)).isEmpty();
    }
}
