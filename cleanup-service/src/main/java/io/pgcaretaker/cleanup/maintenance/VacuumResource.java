package io.pgcaretaker.cleanup.maintenance;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.cleanup.GivenText;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.problem.ProblemException;
import io.pgcaretaker.startup.NeedsDatabase;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Vacuum of tables that are named: never of all, never full, and without the lock that would shorten the file. */
@Path("/api/cleanup/vacuum")
@NeedsDatabase
@Produces(MediaType.APPLICATION_JSON)
public class VacuumResource {

    private static final int MOST_TABLES = 20;

    /** A lock that was not to be had. */
    private static final String IN_USE = "55P03";

    private static final String CANCELLED = "57014";

    private final Transactions transactions;
    private final DataSource database;
    private final CatalogueRepository catalogue = new CatalogueRepository();

    VacuumResource(Transactions transactions, DataSource database) {
        this.transactions = transactions;
        this.database = database;
    }

    /** Tables as {@code table} or {@code schema.table}. */
    @Schema(
            name = "VacuumRequest",
            requiredProperties = {"tables"})
    public record Request(@Nullable List<String> tables) {}

    /** How long each took. */
    public record Vacuumed(List<TableTime> tables) {}

    /**
     * One table.
     *
     * @param state vacuumed, skipped or cancelled
     * @param why it was not vacuumed
     */
    public record TableTime(
            String table,
            long millis,
            String state,
            @Nullable String why) {}

    @POST
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Vacuum and analyze the named tables, one after the other")
    public Vacuumed vacuum(@Nullable Request request) {
        List<String> names = request == null || request.tables() == null ? List.of() : request.tables();
        if (names.isEmpty()
                || names.size() > MOST_TABLES
                || !names.stream().allMatch(name -> name != null && GivenText.isText(name))) {
            throw ProblemException.invalidField("tables", "must name 1 to " + MOST_TABLES + " tables");
        }
        List<Table> tables = names.stream().map(this::table).toList();
        List<TableTime> times = new ArrayList<>();
        for (Table table : tables) {
            times.add(vacuum(table));
        }
        return new Vacuumed(times);
    }

    /** In no transaction. What PostgreSQL passes over is a warning to it, and no error. */
    private TableTime vacuum(Table table) {
        long begin = System.nanoTime();
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            String why = why(vacuum(connection, statement, table), table);
            return new TableTime(
                    table.name().toString(),
                    (System.nanoTime() - begin) / 1_000_000,
                    why == null ? "vacuumed" : "skipped",
                    why);
        } catch (SQLException e) {
            if (CANCELLED.equals(e.getSQLState())) {
                return new TableTime(
                        table.name().toString(),
                        (System.nanoTime() - begin) / 1_000_000,
                        "cancelled",
                        cancelled(table));
            }
            throw new DatabaseFailure("cleanup.vacuum", e);
        }
    }

    /** No deadline is set here: it would be the session's, and behind a pooler somebody else's. */
    private String cancelled(Table table) {
        long deadline = transactions
                .run("cleanup.session-deadline", session -> session.first(Sql.of("""
                                        /* caretaker.cleanup.session-deadline */
                                        select cast(reset_val as bigint)
                                        from pg_settings
                                        where name = 'statement_timeout'
                                        """), row -> row.getLong(1)))
                .orElse(0L);
        return deadline == 0
                ? "somebody cancelled it"
                : "statement_timeout is " + deadline + " ms for the role " + table.role() + ", and each try ends then;"
                        + " run: alter role " + TableName.quote(table.role())
                        + " set statement_timeout = 0 (Caretaker's transactions have deadlines of their own), or let"
                        + " another role vacuum it";
    }

    /** Of a large table it takes hours, in which the server says nothing; one that is not there is found out by TCP. */
    private static @Nullable SQLWarning vacuum(Connection connection, Statement statement, Table table)
            throws SQLException {
        int silence = connection.getNetworkTimeout();
        connection.setNetworkTimeout(Runnable::run, 0);
        try {
            statement.execute("/* caretaker.cleanup.vacuum */ vacuum (analyze, skip_locked, truncate false) "
                    + table.name().quoted());
            return statement.getWarnings();
        } finally {
            connection.setNetworkTimeout(Runnable::run, silence);
        }
    }

    /** Null: it was not passed over. Its words are in the server's language, and it warns of other things too. */
    private @Nullable String why(@Nullable SQLWarning first, Table table) {
        if (first == null) {
            return null;
        }
        for (SQLWarning warning = first; warning != null; warning = warning.getNextWarning()) {
            if (IN_USE.equals(warning.getSQLState())) {
                return "it, or a part of it, is in use at this moment";
            }
        }
        return mayVacuum(table)
                ? null
                : "the role " + table.role() + " may not: only the owner of a table can, or from PostgreSQL 17 on whom"
                        + " grant maintain lets";
    }

    /** The table and all beneath it. */
    private boolean mayVacuum(Table table) {
        return transactions
                .run(
                        "cleanup.may-vacuum",
                        session -> session.first(Sql.of("""
                                        /* caretaker.cleanup.may-vacuum */
                                        select 1
                                        from pg_class c
                                        where (c.oid = ? or c.oid in (select relid from pg_partition_tree(cast(? as oid))))
                                          and not pg_has_role(c.relowner, 'usage')
                                          and not exists (
                                            select 1
                                            from pg_database d
                                            where d.datname = current_database()
                                              and pg_has_role(d.datdba, 'usage'))
                                          -- By the list of grants: the privilege has a name since PostgreSQL 17.
                                          and not exists (
                                            select 1
                                            from aclexplode(c.relacl) g
                                            where g.privilege_type = 'MAINTAIN'
                                              and (g.grantee = 0 or pg_has_role(g.grantee, 'usage')))
                                          and not exists (
                                            select 1
                                            from pg_roles r
                                            where r.rolname = 'pg_maintain'
                                              and pg_has_role(r.oid, 'usage'))
                                        limit 1
                                        """, table.oid(), Long.toString(table.oid())), row -> true))
                .isEmpty();
    }

    private Table table(String name) {
        int dot = name.indexOf('.');
        String schema = dot < 0 ? null : name.substring(0, dot);
        Optional<Table> found = transactions.run("cleanup.table", session -> {
            List<Long> oids = catalogue.find(session, schema, name.substring(dot + 1));
            return oids.size() == 1 ? catalogue.table(session, oids.get(0)) : Optional.<Table>empty();
        });
        return found.filter(table -> table.kind().equals("r") || table.kind().equals("p"))
                .orElseThrow(() -> ProblemException.invalidField(
                        "tables",
                        "must each be exactly one table of this database, and '" + name
                                + "' is not; schema.table says which"));
    }
}
