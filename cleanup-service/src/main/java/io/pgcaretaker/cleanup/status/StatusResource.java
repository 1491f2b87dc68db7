package io.pgcaretaker.cleanup.status;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.policy.Mode;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.throttle.ApplicationLatency;
import io.pgcaretaker.startup.NeedsDatabase;
import io.pgcaretaker.status.ServiceStatus;
import io.quarkus.runtime.Startup;
import jakarta.annotation.security.RolesAllowed;
import jakarta.inject.Singleton;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** What this service says of itself. */
@Path("/api/cleanup/status")
@NeedsDatabase
@Produces(MediaType.APPLICATION_JSON)
@Singleton
// Made at the start, and not with the first question: it says since when the service runs.
@Startup
public class StatusResource {

    private final Policies policies;
    private final Transactions transactions;
    private final ApplicationLatency latency;
    private final Mode mode;
    private final String version;
    private final Instant startedAt;

    StatusResource(
            Policies policies,
            Transactions transactions,
            CleanupConfig config,
            ApplicationLatency latency,
            @ConfigProperty(name = "quarkus.application.version") String version,
            Clock clock) {
        this.policies = policies;
        this.transactions = transactions;
        this.latency = latency;
        this.mode = config.mode();
        this.version = version;
        this.startedAt = clock.instant();
    }

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(
            summary =
                    "This service's version, start, whether all clean-up is stopped, the last run of each policy, which need approval, and whether the application's latency is watched")
    public ServiceStatus status() {
        List<LastRun> lastRuns = transactions.run(
                "cleanup.status",
                session -> session.query(
                        Sql.of(
                                """
                                /* caretaker.cleanup.last-runs */
                                select r.*
                                from unnest(cast(? as text[])) as named (policy)
                                cross join lateral (
                                  select
                                    policy, state, mode, rows_matched, rows_deleted, throttle, stop_reason, started_at, finished_at
                                  from caretaker.cleanup_run
                                  where policy = named.policy
                                  order by created_at desc
                                  limit 1) r
                                order by r.policy
                                """,
                                policies.all().stream()
                                        .map(RetentionPolicy::name)
                                        .toList()),
                        LastRun::read));
        // Of any age: the next slot's run looks anew, and until it has, this one waits for somebody.
        List<String> needsApproval =
                transactions.run("cleanup.status", session -> session.query(Sql.of("""
                                /* caretaker.cleanup.needs-approval */
                                select distinct policy
                                from caretaker.cleanup_run
                                where state = 'needs-approval'
                                order by policy
                                """), row -> row.getString(1)));
        boolean stopped = transactions.run(
                "cleanup.status",
                session -> session.first(
                                Sql.of("/* caretaker.cleanup.stopped */ select stopped from caretaker.cleanup_switch"),
                                row -> row.getBoolean("stopped"))
                        .orElseThrow());
        return new ServiceStatus(
                "cleanup-service",
                version,
                startedAt,
                Map.of(
                        "mode",
                        mode.wireName(),
                        "stopped",
                        stopped,
                        "lastRuns",
                        lastRuns,
                        "needsApproval",
                        needsApproval,
                        "applicationLatency",
                        latency.status()));
    }
}
