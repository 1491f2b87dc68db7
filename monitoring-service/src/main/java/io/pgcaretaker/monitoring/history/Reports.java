package io.pgcaretaker.monitoring.history;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.mail.DatabaseReport;
import io.pgcaretaker.monitoring.ReportPeriod;
import io.pgcaretaker.monitoring.Transaction;
import io.pgcaretaker.outbox.MailIntent;
import io.pgcaretaker.outbox.MailOutbox;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** Mails the reports: each once, whichever replica is first, because its key names the day it is due. */
final class Reports {

    /** After an outage a report is still news for so long. */
    private static final Duration LATEST = Duration.ofDays(2);

    private static final TypeReference<Map<String, Object>> VARIABLES = new TypeReference<>() {};

    private final DataSource database;
    private final Digests digests;
    private final MailOutbox outbox;
    private final ObjectMapper json;
    private final List<String> recipients;

    Reports(DataSource database, Digests digests, MailOutbox outbox, ObjectMapper json, List<String> recipients) {
        this.database = database;
        this.digests = digests;
        this.outbox = outbox;
        this.json = json;
        this.recipients = List.copyOf(recipients);
    }

    /**
     * Mails the last one of a period.
     *
     * @param hour of the day at which it is due, UTC
     * @return true when it was due and nobody had made it yet
     */
    boolean mailIfDue(ReportPeriod period, int hour, Instant now) throws SQLException {
        Instant end = period.lastEnd(now, hour);
        if (recipients.isEmpty() || Duration.between(end, now).compareTo(LATEST) > 0) {
            return false;
        }
        String key = "report-" + period.word() + "-" + LocalDate.ofInstant(end, ZoneOffset.UTC);
        return Transaction.run(database, "report", connection -> {
            if (outbox.knows(connection, key)) {
                return false;
            }
            DatabaseReport report = ReportMail.of(period, digests.of(connection, now, period.begin(end)));
            return outbox.add(
                    connection,
                    new MailIntent(key, recipients, DatabaseReport.TEMPLATE, json.convertValue(report, VARIABLES)));
        });
    }
}
