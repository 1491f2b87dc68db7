package io.pgcaretaker.monitoring.security;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.monitoring.Transaction;
import io.pgcaretaker.monitoring.security.SecurityReport.Report;
import io.pgcaretaker.monitoring.security.SecurityReport.Summary;
import io.pgcaretaker.problem.ProblemException;
import io.pgcaretaker.startup.NeedsDatabase;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** What the application reported lately. */
@NeedsDatabase
@Path("/api/monitoring/security")
@Produces(MediaType.APPLICATION_JSON)
public class ReportResource {

    /** A month: what the older partitions hold is for people with SQL. */
    private static final int MOST_HOURS = 744;

    private static final int MOST_EVENTS = 500;

    private final DataSource database;
    private final Clock clock;
    private final Vocabulary vocabulary = Vocabulary.load();
    private final ReportRepository events = new ReportRepository();
    private final RecommendationPolicy recommendations = new RecommendationPolicy();

    ReportResource(DataSource database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "Security events of the last hours: counts, the newest, what to do")
    public SecurityReport report(
            @QueryParam("hours") @DefaultValue("24") int hours, @QueryParam("limit") @DefaultValue("50") int limit)
            throws SQLException {
        if (hours < 1 || hours > MOST_HOURS) {
            throw ProblemException.badParameter("hours", "must be 1 to " + MOST_HOURS + ", but is " + hours);
        }
        if (limit < 0 || limit > MOST_EVENTS) {
            throw ProblemException.badParameter("limit", "must be 0 to " + MOST_EVENTS + ", but is " + limit);
        }
        Instant now = clock.instant();
        return Transaction.run(database, "security-report", connection -> read(connection, now, hours, limit));
    }

    private SecurityReport read(Connection connection, Instant now, int hours, int limit) throws SQLException {
        Instant since = now.minus(Duration.ofHours(hours));
        ReportRepository.Concentration failed = events.concentration(connection, since);
        Summary summary = summary(hours, events.counts(connection, since), failed);
        return new SecurityReport(
                new Report(summary, events.newest(connection, since, limit), recommendations.of(summary, failed)), now);
    }

    private Summary summary(int hours, List<ReportRepository.Count> counts, ReportRepository.Concentration failed) {
        return new Summary(
                hours,
                sum(counts, count -> true),
                sum(counts, count -> count.level().equals(Level.CRITICAL.word())),
                sum(counts, count -> count.level().equals(Level.WARNING.word())),
                sum(counts, is(Kind.Group.RATE_LIMIT)),
                sum(counts, is(Kind.Group.SUSPICIOUS)),
                sum(counts, is(Kind.Group.FAILED_AUTHENTICATION)),
                failed.accounts(),
                failed.addresses(),
                byEvent(counts));
    }

    private Predicate<ReportRepository.Count> is(Kind.Group group) {
        return count -> vocabulary
                .term(count.event())
                .filter(kind -> kind.group() == group)
                .isPresent();
    }

    private static long sum(List<ReportRepository.Count> counts, Predicate<ReportRepository.Count> which) {
        return counts.stream()
                .filter(which)
                .mapToLong(ReportRepository.Count::number)
                .sum();
    }

    private static Map<String, Long> byEvent(List<ReportRepository.Count> counts) {
        Map<String, Long> sums = counts.stream()
                .collect(Collectors.groupingBy(
                        ReportRepository.Count::event, Collectors.summingLong(ReportRepository.Count::number)));
        Map<String, Long> sorted = new LinkedHashMap<>();
        sums.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return sorted;
    }
}
