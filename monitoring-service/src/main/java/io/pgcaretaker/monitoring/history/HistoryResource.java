package io.pgcaretaker.monitoring.history;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.pgcaretaker.access.Role;
import io.pgcaretaker.monitoring.Limits;
import io.pgcaretaker.monitoring.Page;
import io.pgcaretaker.monitoring.Transaction;
import io.pgcaretaker.problem.ProblemException;
import io.pgcaretaker.startup.NeedsDatabase;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** What was kept over time. */
@NeedsDatabase
@Path("/api/monitoring/database")
@Produces(MediaType.APPLICATION_JSON)
public class HistoryResource {

    private static final int LONGEST_HOURS = 24 * 366;
    private static final int MOST = 100;
    private static final Pattern ORDERS = Pattern.compile("time|calls|io|mean");

    private final DataSource database;
    private final Limits limits;
    private final Clock clock;
    private final StatementRepository statements = new StatementRepository();
    private final SizeRepository sizes = new SizeRepository();
    private final SchemaRepository schema = new SchemaRepository();

    HistoryResource(DataSource database, Limits limits, Clock clock) {
        this.database = database;
        this.limits = limits;
        this.clock = clock;
    }

    /** Statements of a time, those of the order first; all others as {@code other}. */
    public record Statements(Instant timestamp, Instant since, List<StatementRepository.Total> statements) {}

    /** One statement, window by window. */
    public record OneStatement(
            Instant timestamp, String queryId, String query, List<StatementRepository.Window> windows) {}

    /** How the database grew, and when it meets its limit. */
    public record Growth(
            Instant timestamp,
            Instant since,
            @Nullable Long limitBytes,
            ForecastPolicy.Forecast forecast,
            List<SizeRepository.Size> database,
            List<SizeRepository.Growth> tables) {}

    /** A table with its columns, keys and indexes. */
    public record Table(
            String schema,
            String table,
            Instant since,
            @Schema(type = SchemaType.OBJECT) @JsonRawValue String definition) {}

    /** A table that came ({@code created}), went ({@code dropped}) or changed ({@code altered}). */
    public record Change(
            Instant at,
            String kind,
            String schema,
            String table,

            @Schema(type = SchemaType.OBJECT) @JsonRawValue @Nullable
            String before,

            @Schema(type = SchemaType.OBJECT) @JsonRawValue @Nullable
            String after) {

        static Change of(SchemaRepository.Change change) {
            String kind = change.before() == null ? "created" : change.after() == null ? "dropped" : "altered";
            return new Change(change.at(), kind, change.schema(), change.table(), change.before(), change.after());
        }
    }

    /** The present tables, and what changed. */
    public record SchemaHistory(Instant timestamp, Instant since, Page<Table> tables, List<Change> changes) {}

    @GET
    @Path("/queries/history")
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "What statements cost in the last hours; order=time, calls, io or mean")
    public Statements statements(
            @QueryParam("hours") @DefaultValue("24") int hours, @QueryParam("order") @DefaultValue("time") String order)
            throws SQLException {
        Instant since = since(hours);
        if (!ORDERS.matcher(order).matches()) {
            throw ProblemException.badParameter("order", "must be time, calls, io or mean");
        }
        StatementOrder by = StatementOrder.valueOf(order.toUpperCase(Locale.ROOT));
        return Transaction.run(
                database,
                "statement-top",
                connection -> new Statements(clock.instant(), since, statements.top(connection, since, by, MOST)));
    }

    /** A number of as many digits may still be too large. */
    private static long id(String queryId) {
        try {
            return Long.parseLong(queryId);
        } catch (NumberFormatException e) {
            throw ProblemException.notFound("no such statement");
        }
    }

    @GET
    @Path("/queries/{queryId}/history")
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "One statement over the last hours, window by window")
    public OneStatement statement(@RestPath String queryId, @QueryParam("hours") @DefaultValue("24") int hours)
            throws SQLException {
        Instant since = since(hours);
        long id = id(queryId);
        return Transaction.run(
                database,
                "statement-windows",
                connection -> new OneStatement(
                        clock.instant(),
                        queryId,
                        statements
                                .text(connection, id)
                                .orElseThrow(() -> ProblemException.notFound("no such statement")),
                        statements.windows(connection, id, since)));
    }

    @GET
    @Path("/growth")
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "How the database and its largest tables grew, and days until the storage limit")
    public Growth growth(@QueryParam("days") @DefaultValue("30") int days) throws SQLException {
        if (days < 1 || days > 366) {
            throw ProblemException.badParameter("days", "must be 1 to 366, but is " + days);
        }
        Instant since = clock.instant().minus(Duration.ofDays(days));
        Long limit = limits.storageBytes();
        return Transaction.run(database, "growth", connection -> {
            List<SizeRepository.Size> samples = sizes.database(connection, since);
            return new Growth(
                    clock.instant(),
                    since,
                    limit,
                    ForecastPolicy.of(samples, limit),
                    samples,
                    sizes.tables(connection, since, MOST));
        });
    }

    @GET
    @Path("/schema")
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "Tables with columns, keys and indexes, and what changed in the last hours")
    public SchemaHistory schema(
            @QueryParam("hours") @DefaultValue("24") int hours,
            @QueryParam("page") @DefaultValue("0") int page,
            @QueryParam("size") @DefaultValue("50") int size)
            throws SQLException {
        Page.check(page, size);
        Instant since = since(hours);
        return Transaction.run(database, "schema", connection -> {
            List<Table> tables = schema.present(connection, Math.multiplyExact(page, size), size).stream()
                    .map(version ->
                            new Table(version.schema(), version.table(), version.validFrom(), version.definition()))
                    .toList();
            return new SchemaHistory(
                    clock.instant(),
                    since,
                    new Page<>(tables, page, size, schema.count(connection)),
                    schema.changes(connection, since, MOST).stream()
                            .map(Change::of)
                            .toList());
        });
    }

    private Instant since(int hours) {
        if (hours < 1 || hours > LONGEST_HOURS) {
            throw ProblemException.badParameter("hours", "must be 1 to " + LONGEST_HOURS + ", but is " + hours);
        }
        return clock.instant().minus(Duration.ofHours(hours));
    }
}
