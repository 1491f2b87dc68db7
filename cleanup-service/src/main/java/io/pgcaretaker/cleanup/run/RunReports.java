package io.pgcaretaker.cleanup.run;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.run.RunClosing.Closed;
import io.pgcaretaker.cleanup.run.RunClosing.End;
import io.pgcaretaker.mail.RunReport;
import io.pgcaretaker.outbox.MailIntent;
import io.pgcaretaker.outbox.MailOutbox;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Writes the mail about a run into the outbox, in the transaction that closes the run. */
public final class RunReports {

    private static final TypeReference<HashMap<String, Object>> VARIABLES = new TypeReference<>() {};

    private final MailOutbox outbox;
    private final CleanupConfig config;
    private final ObjectMapper json;

    public RunReports(MailOutbox outbox, CleanupConfig config, ObjectMapper json) {
        this.outbox = outbox;
        this.config = config;
        this.json = json;
    }

    /** Of a run that somebody has cancelled: who gets reports learns what had gone by then, if anything had. */
    void addCancelled(Session session, UUID id, Policies policies) throws SQLException {
        record Cancelled(Claimed run, End end, Closed row) {}
        Optional<Cancelled> cancelled = session.first(
                Sql.of("""
                        /* caretaker.cleanup.run-cancelled */
                        select *, coalesce(cutoff, started_at) as seen_from, coalesce(rows_matched, 0) as matched
                        from caretaker.cleanup_run
                        where id = cast(? as uuid)
                          and rows_deleted > 0
                        """, id.toString()),
                row -> new Cancelled(
                        RunRepository.claimed(row),
                        End.of(RunState.CANCELLED, StopReason.CANCELLED, row.getString("stop_detail")),
                        new Closed(
                                row.getTimestamp("started_at").toInstant(),
                                row.getTimestamp("finished_at").toInstant(),
                                row.getTimestamp("seen_from").toInstant(),
                                row.getLong("rows_deleted"),
                                row.getLong("matched"),
                                row.getString("tables"))));
        if (cancelled.isPresent()) {
            Cancelled what = cancelled.get();
            add(session, what.run(), what.end(), what.row(), RunClosing.anonymises(policies, what.run()));
        }
    }

    void add(Session session, Claimed run, End end, Closed row, boolean anonymised) throws SQLException {
        if (config.alertEmail().isEmpty()) {
            return;
        }
        Long lastMailed = session.first(Sql.of("""
                                /* caretaker.cleanup.run-last-mailed */
                                select rows_matched
                                from caretaker.cleanup_run
                                where policy = ?
                                  and mode = ?
                                  and mailed
                                  and rows_matched is not null
                                order by created_at desc
                                limit 1
                                """, run.policy(), run.mode().wireName()), found -> found.getLong(1))
                .orElse(null);
        Optional<String> key = ReportPolicy.key(
                run, end.state(), end.reason(), row.deleted(), row.matched(), lastMailed, row.finishedAt());
        if (key.isPresent()
                && outbox.add(
                        session.connection(),
                        new MailIntent(
                                key.get(),
                                List.of(config.alertEmail().get()),
                                RunReport.TEMPLATE,
                                variables(run, end, row, anonymised)))) {
            session.update(Sql.of(
                    "/* caretaker.cleanup.run-mailed */ update caretaker.cleanup_run set mailed = true where id = cast(? as uuid)",
                    run.id().toString()));
        }
    }

    private Map<String, Object> variables(Claimed run, End end, Closed row, boolean anonymised) {
        RunReport report = new RunReport(
                run.policy(),
                run.id().toString(),
                run.mode().wireName(),
                end.state().wireName(),
                row.cutoff(),
                row.startedAt(),
                row.finishedAt(),
                row.deleted(),
                row.matched(),
                RunJson.counts(row.tables()).entrySet().stream()
                        .map(table -> new RunReport.TableRows(table.getKey(), table.getValue()))
                        .toList(),
                end.reason() == StopReason.DONE
                        ? null
                        : end.reason().wireName() + (end.detail() == null ? "" : ": " + end.detail()),
                anonymised ? true : null);
        Map<String, Object> variables = json.convertValue(report, VARIABLES);
        variables.values().removeIf(value -> value == null);
        return variables;
    }
}
