package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.problem.DatabaseProblem;
import io.pgcaretaker.problem.ProblemException;
import io.pgcaretaker.schema.cleanup.CleanupRun;
import io.pgcaretaker.startup.NeedsDatabase;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestStreamElementType;

/** A run's progress as server-sent events. */
@Path("/api/cleanup/runs/{id}/progress")
@NeedsDatabase
public class ProgressResource {

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** What somebody has seen for another one who listens. */
    private static final Duration FRESH = Duration.ofMillis(900);

    /** Too old to be told while somebody looks anew. */
    private static final Duration STALE = Duration.ofSeconds(3);

    /** Nobody listens any more. */
    private static final Duration KEPT = Duration.ofSeconds(30);

    private final Policies policies;
    private final Clock clock;

    /** By run, for all who listen to it: each would ask the database once a second, and the runs themselves came last. */
    private final Map<UUID, Seen> seen = new ConcurrentHashMap<>();

    /** Runs that somebody looks at now; nobody waits for that, or a database that hangs would have every thread. */
    private final Set<UUID> looking = ConcurrentHashMap.newKeySet();

    /** In nanoseconds. */
    private record Seen(long at, ProgressView view) {
        boolean isOlderThan(Duration age) {
            return System.nanoTime() - at > age.toNanos();
        }
    }

    ProgressResource(Policies policies, Clock clock) {
        this.policies = policies;
        this.clock = clock;
    }

    /** For whoever cannot read a stream. */
    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(
            summary = "A run's rows, rate, time left and throttle: now as JSON, once a second until it is over as SSE")
    public ProgressView now(@RestPath UUID id) {
        return look(id);
    }

    @GET
    @Blocking
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @RestStreamElementType(MediaType.APPLICATION_JSON)
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(
            summary = "A run's rows, rate, time left and throttle: now as JSON, once a second until it is over as SSE")
    public Multi<ProgressView> progress(@RestPath UUID id) {
        // A run that is not there is an answer of its own, not a stream that breaks.
        lookUnlessSeen(id);
        Multi<ProgressView> ticks = Multi.createFrom()
                .ticks()
                .every(INTERVAL)
                .onOverflow()
                .drop()
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .map(tick -> lookTogether(id))
                .select()
                .where(Optional::isPresent)
                .map(Optional::get);
        // The last event says how it ended.
        return Multi.createBy()
                .concatenating()
                .streams(
                        ticks.select().first(view -> !view.isOver()),
                        Multi.createFrom()
                                .deferred(() -> Multi.createFrom()
                                        .item(id)
                                        .emitOn(Infrastructure.getDefaultWorkerPool())
                                        .map(this::lookAtTheEnd)));
    }

    /** Of hundreds who listen, each would take a connection at the same moment. */
    private ProgressView lookAtTheEnd(UUID id) {
        Seen last = seen.get(id);
        return last != null && last.view().isOver() ? last.view() : look(id);
    }

    /** Empty while nothing is known: somebody looks, or the database is away. */
    private Optional<ProgressView> lookTogether(UUID id) {
        try {
            return lookUnlessSeen(id);
        } catch (RuntimeException e) {
            if (DatabaseProblem.isAway(e)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Empty while somebody else looks, and nothing is known. */
    private Optional<ProgressView> lookUnlessSeen(UUID id) {
        Seen last = seen.get(id);
        if (last != null && !last.isOlderThan(FRESH)) {
            return Optional.of(last.view());
        }
        if (!looking.add(id)) {
            return Optional.ofNullable(last)
                    .filter(one -> !one.isOlderThan(STALE))
                    .map(Seen::view);
        }
        try {
            ProgressView view = look(id);
            seen.put(id, new Seen(System.nanoTime(), view));
            seen.values().removeIf(one -> one.isOlderThan(KEPT));
            return Optional.of(view);
        } finally {
            looking.remove(id);
        }
    }

    private ProgressView look(UUID id) {
        return QuarkusTransaction.requiringNew().call(() -> {
            CleanupRun run = CleanupRun.findById(id);
            if (run == null) {
                throw ProblemException.notFound("there is no run of that id");
            }
            return ProgressView.of(run, policies.find(run.policy), clock.instant());
        });
    }
}
