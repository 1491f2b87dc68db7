package io.pgcaretaker.monitoring.history;

import io.pgcaretaker.mail.DatabaseReport;
import io.pgcaretaker.mail.DatabaseReport.Line;
import io.pgcaretaker.mail.DatabaseReport.Section;
import io.pgcaretaker.monitoring.ReportPeriod;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Puts a digest into words. Statements are as pg_stat_statements has them, without the values in them. */
final class ReportMail {

    private static final int LINES = 15;
    private static final int LONGEST_STATEMENT = 160;

    private ReportMail() {}

    static DatabaseReport of(ReportPeriod period, Digest digest) {
        return new DatabaseReport(
                period.word(),
                digest.since(),
                digest.timestamp(),
                headline(digest),
                List.of(
                        section("What to do", digest.toDo(), ReportMail::toDo, "Nothing that is known."),
                        section("Incidents", digest.incidents(), ReportMail::incident, "None."),
                        section(
                                "Statements that took most time",
                                digest.worstStatements(),
                                ReportMail::statement,
                                "Not counted: needs pg_stat_statements."),
                        growth(digest),
                        section("Changes of the schema", digest.schemaChanges(), ReportMail::change, "None."),
                        security(digest.securityEvents())));
    }

    private static Section security(@Nullable List<DigestRepository.Events> events) {
        return section(
                "Security events",
                events == null ? List.of() : events,
                ReportMail::events,
                events == null ? "Too many to be counted in time." : "None.");
    }

    private static String headline(Digest digest) {
        long open = digest.incidents().stream()
                .filter(incident -> incident.until() == null)
                .count();
        List<String> parts = new ArrayList<>();
        if (open > 0) {
            parts.add(count(open, "incident") + " open");
        }
        if (digest.incidents().size() > open) {
            parts.add(count(digest.incidents().size() - open, "incident") + " over");
        }
        long grave = digest.toDo().stream()
                .filter(finding -> !finding.severity().equals("info"))
                .count();
        if (grave > 0) {
            parts.add(count(grave, "thing") + " to do");
        }
        return parts.isEmpty() ? "all is well" : String.join(", ", parts);
    }

    private static String count(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private static <T> Section section(String title, List<T> all, Function<T, Line> line, String nothing) {
        return new Section(
                title, all.stream().limit(LINES).map(line).toList(), nothing, Math.max(0, all.size() - LINES));
    }

    private static Line toDo(DigestRepository.Finding finding) {
        return new Line(
                finding.severity() + ": " + finding.check() + ", " + finding.object()
                        + (finding.isNew() ? " (new)" : ""),
                finding.fix() == null ? finding.evidence() : finding.evidence() + "; " + finding.fix());
    }

    private static Line incident(DigestRepository.Incident incident) {
        String end = incident.until() == null ? "is open" : "over at " + incident.until();
        return new Line(incident.summary(), incident.severity() + ", since " + incident.since() + ", " + end);
    }

    private static Line statement(StatementRepository.Total total) {
        String text = total.query().replaceAll("\\s+", " ").strip();
        return new Line(
                text.length() > LONGEST_STATEMENT ? text.substring(0, LONGEST_STATEMENT) + "..." : text,
                String.format(
                        Locale.ROOT,
                        "%.1f %% of the time, %,d calls, %.1f ms each",
                        total.percent(),
                        total.calls(),
                        total.meanMs()));
    }

    private static Section growth(Digest digest) {
        ForecastPolicy.Forecast forecast = digest.forecast();
        List<Line> lines = new ArrayList<>();
        if (forecast.bytesPerDay() != null) {
            String days = forecast.daysUntilLimit() == null
                    ? forecast.note()
                    : String.format(Locale.ROOT, "%.0f days until the limit", forecast.daysUntilLimit());
            lines.add(new Line("The database grows by " + bytes(Math.round(forecast.bytesPerDay())) + " a day", days));
        }
        digest.grown().stream()
                .filter(table -> table.grownBytes() > 0)
                .map(table -> new Line(
                        table.schema() + "." + table.table() + " grew by " + bytes(table.grownBytes()),
                        "now " + bytes(table.bytes())))
                .forEach(lines::add);
        return new Section("Growth", lines, "Nothing grew, or there are too few samples.", 0);
    }

    private static Line change(HistoryResource.Change change) {
        return new Line(change.kind() + ": " + change.schema() + "." + change.table(), "at " + change.at());
    }

    private static Line events(DigestRepository.Events events) {
        return new Line(events.event() + ": " + events.number(), null);
    }

    private static String bytes(long number) {
        String[] units = {"B", "kB", "MB", "GB", "TB"};
        double value = Math.abs((double) number);
        int unit = 0;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", number < 0 ? -value : value, units[unit]);
    }
}
