package io.pgcaretaker.monitoring.console;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.monitoring.Page;
import io.pgcaretaker.monitoring.Situation;
import io.pgcaretaker.monitoring.SituationRoom;
import io.pgcaretaker.monitoring.console.ConsoleParts.Part;
import io.pgcaretaker.problem.ProblemException;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** The database as it was last seen: everything from memory, nothing behind a lock. */
@Path("/api/monitoring/database")
@Produces(MediaType.APPLICATION_JSON)
public class ConsoleResource {

    private static final Set<String> TABLE_ORDERS = Set.of(
            "rows", "tableBytes", "indexBytes", "deadRows", "sequentialScans", "indexScans", "changedSinceAnalyze");
    private static final Set<String> INDEX_ORDERS = Set.of("bytes", "scans");

    private final SituationRoom room;

    ConsoleResource(SituationRoom room) {
        this.room = room;
    }

    /** What there is at a glance. */
    public record Overview(
            Instant timestamp,
            boolean up,
            Part server,
            Part databases,
            Part sizes,
            Part vacuum,
            Part wraparound,
            Part horizon,
            Part activity) {}

    /** A list of one kind. */
    public record Listing(Instant timestamp, Part list) {}

    /** Tables, and how much of the largest is estimated to be empty. */
    public record Tables(Instant timestamp, Part list, Part bloat) {}

    /** Indexes, and how much of the largest is estimated to be empty. */
    public record Indexes(Instant timestamp, Part list, Part bloat) {}

    /** What runs, and who waits for whom. */
    public record Queries(Instant timestamp, Part running, Part waiting, List<BlockingTree.Node> blocking) {}

    /** Who is connected. */
    public record Connections(Instant timestamp, @Nullable Long used, long limit, Part list) {}

    /** This server and its standbys. */
    public record Replication(Instant timestamp, Part self, Part standbys, Part slots, Part receiver) {}

    @GET
    @Path("/overview")
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "Server, databases, sizes, running vacuums, wraparound and who holds the horizon")
    public Overview overview() {
        Situation situation = room.now();
        ConsoleParts parts = new ConsoleParts(situation);
        return new Overview(
                situation.now(),
                situation.isDatabaseUp(),
                parts.of("server"),
                parts.of("stat_database"),
                parts.of("database"),
                parts.of("stat_progress_vacuum"),
                parts.of("console_wraparound"),
                parts.of("console_horizon"),
                parts.of("user_activity"));
    }

    @GET
    @Path("/tables")
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "The 500 largest tables: rows, sizes, dead rows, use, vacuum; sort=deadRows and others")
    public Tables tables(
            @QueryParam("sort") @Nullable String sort,
            @QueryParam("page") @DefaultValue("0") int page,
            @QueryParam("size") @DefaultValue("50") int size) {
        check(sort, TABLE_ORDERS, page, size);
        Situation situation = room.now();
        ConsoleParts parts = new ConsoleParts(situation);
        return new Tables(situation.now(), parts.page("console_tables", sort, page, size), parts.of("bloat_tables"));
    }

    @GET
    @Path("/indexes")
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "The 500 largest indexes: size, use since when, validity; sort=scans or bytes")
    public Indexes indexes(
            @QueryParam("sort") @Nullable String sort,
            @QueryParam("page") @DefaultValue("0") int page,
            @QueryParam("size") @DefaultValue("50") int size) {
        check(sort, INDEX_ORDERS, page, size);
        Situation situation = room.now();
        ConsoleParts parts = new ConsoleParts(situation);
        return new Indexes(situation.now(), parts.page("console_indexes", sort, page, size), parts.of("bloat_btree"));
    }

    @GET
    @Path("/queries")
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "What runs now, and who waits for whom as a tree")
    public Queries queries() {
        Situation situation = room.now();
        ConsoleParts parts = new ConsoleParts(situation);
        return new Queries(
                situation.now(),
                parts.of("running_queries"),
                parts.of("console_blocking"),
                new BlockingTree(situation.reading("console_blocking").rows().list()).roots());
    }

    @GET
    @Path("/connections")
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "Connections by database, user, application and state")
    public Connections connections() {
        Situation situation = room.now();
        return new Connections(
                situation.now(),
                situation.connectionsUsed().isPresent()
                        ? situation.connectionsUsed().getAsLong()
                        : null,
                situation.connectionsLimit(),
                new ConsoleParts(situation).of("connections"));
    }

    @GET
    @Path("/locks")
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "Locks by object and mode, those that are waited for first")
    public Listing locks() {
        Situation situation = room.now();
        return new Listing(situation.now(), new ConsoleParts(situation).of("console_locks"));
    }

    @GET
    @Path("/replication")
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "This server as a standby, its standbys, its slots")
    public Replication replication() {
        Situation situation = room.now();
        ConsoleParts parts = new ConsoleParts(situation);
        return new Replication(
                situation.now(),
                parts.of("replication"),
                parts.of("standbys"),
                parts.of("slots"),
                parts.of("stat_wal_receiver"));
    }

    private static void check(@Nullable String sort, Set<String> orders, int page, int size) {
        Page.check(page, size);
        if (sort != null && !orders.contains(sort)) {
            throw ProblemException.badParameter("sort", "must be one of " + new TreeSet<>(orders));
        }
    }
}
