package io.pgcaretaker.monitoring.history;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.monitoring.ReportPeriod;
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
import java.time.Instant;
import java.util.Arrays;
import javax.sql.DataSource;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** The report of a day, a week or a month. */
@NeedsDatabase
@Path("/api/monitoring/report")
@Produces(MediaType.APPLICATION_JSON)
public class DigestResource {

    private final DataSource database;
    private final Digests digests;
    private final Clock clock;

    DigestResource(DataSource database, Digests digests, Clock clock) {
        this.database = database;
        this.digests = digests;
        this.clock = clock;
    }

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(
            summary =
                    "Incidents, changes, worst statements, growth, security and what to do; time=daily, weekly, monthly")
    public Digest report(@QueryParam("time") @DefaultValue("daily") String time) throws SQLException {
        ReportPeriod period = Arrays.stream(ReportPeriod.values())
                .filter(candidate -> candidate.word().equals(time))
                .findFirst()
                .orElseThrow(() -> ProblemException.badParameter("time", "must be daily, weekly or monthly"));
        Instant now = clock.instant();
        return Transaction.run(database, "digest", connection -> digests.of(connection, now, period.begin(now)));
    }
}
