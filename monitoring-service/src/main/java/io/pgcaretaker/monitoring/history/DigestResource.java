package io.pgcaretaker.monitoring.history;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.monitoring.Limits;
import io.pgcaretaker.monitoring.Transaction;
import io.pgcaretaker.problem.ProblemException;
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
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** The report of a day, a week or a month. */
@Path("/api/monitoring/report")
@Produces(MediaType.APPLICATION_JSON)
public class DigestResource {

    private static final Map<String, Duration> TIMES =
            Map.of("daily", Duration.ofDays(1), "weekly", Duration.ofDays(7), "monthly", Duration.ofDays(30));
    private static final int STATEMENTS = 10;
    private static final int TABLES = 10;
    private static final int CHANGES = 50;

    private final DataSource database;
    private final Limits limits;
    private final Clock clock;
    private final DigestRepository digest = new DigestRepository();
    private final StatementRepository statements = new StatementRepository();
    private final SizeRepository sizes = new SizeRepository();
    private final SchemaRepository schema = new SchemaRepository();

    DigestResource(DataSource database, Limits limits, Clock clock) {
        this.database = database;
        this.limits = limits;
        this.clock = clock;
    }

    /** What was wrong, what changed, what cost most, what grew, who knocked, and what to do. */
    public record Digest(
            Instant timestamp,
            Instant since,
            List<DigestRepository.Incident> incidents,
            List<HistoryResource.Change> schemaChanges,
            List<StatementRepository.Total> worstStatements,
            ForecastPolicy.Forecast forecast,
            List<SizeRepository.Growth> grown,
            List<DigestRepository.Events> securityEvents,
            List<DigestRepository.Finding> toDo) {}

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(
            summary =
                    "Incidents, changes, worst statements, growth, security and what to do; time=daily, weekly, monthly")
    public Digest report(@QueryParam("time") @DefaultValue("daily") String time) throws SQLException {
        Duration length = TIMES.get(time);
        if (length == null) {
            throw ProblemException.badParameter("time", "must be daily, weekly or monthly");
        }
        Instant now = clock.instant();
        return Transaction.run(database, "digest", connection -> of(connection, now, now.minus(length)));
    }

    private Digest of(Connection connection, Instant now, Instant since) throws SQLException {
        return new Digest(
                now,
                since,
                digest.incidents(connection, since),
                schema.changes(connection, since, CHANGES).stream()
                        .map(HistoryResource.Change::of)
                        .toList(),
                statements.top(connection, since, StatementOrder.TIME, STATEMENTS),
                // A day is too short to foretell from.
                ForecastPolicy.of(sizes.database(connection, now.minus(Duration.ofDays(30))), limits.storageBytes()),
                sizes.tables(connection, since, TABLES),
                digest.security(connection, since),
                digest.findings(connection, since));
    }
}
