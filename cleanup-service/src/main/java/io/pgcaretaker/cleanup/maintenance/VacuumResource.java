package io.pgcaretaker.cleanup.maintenance;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.problem.ProblemException;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** Vacuum of tables that are named: never of all, never full, and without the lock that would shorten the file. */
@Path("/api/cleanup/vacuum")
@Produces(MediaType.APPLICATION_JSON)
public class VacuumResource {

    private static final int MOST_TABLES = 20;

    private final Transactions transactions;
    private final CatalogueRepository catalogue = new CatalogueRepository();

    VacuumResource(Transactions transactions) {
        this.transactions = transactions;
    }

    /** Tables as {@code table} or {@code schema.table}. */
    public record Request(@Nullable List<String> tables) {}

    /** How long each took. */
    public record Vacuumed(List<TableTime> tables) {}

    /** One table. */
    public record TableTime(String table, long millis) {}

    @POST
    @RolesAllowed(Role.OPERATOR_ROLE)
    @Operation(summary = "Vacuum and analyze the named tables, one after the other")
    public Vacuumed vacuum(@Nullable Request request) {
        List<String> names = request == null || request.tables() == null ? List.of() : request.tables();
        if (names.isEmpty() || names.size() > MOST_TABLES) {
            throw ProblemException.invalidField("tables", "must name 1 to " + MOST_TABLES + " tables");
        }
        List<Table> tables = names.stream().map(this::table).toList();
        List<TableTime> times = new ArrayList<>();
        for (Table table : tables) {
            long begin = System.nanoTime();
            transactions.outside(
                    "cleanup.vacuum",
                    "/* caretaker.cleanup.vacuum */ vacuum (analyze, skip_locked, truncate false) "
                            + table.name().quoted());
            times.add(new TableTime(table.name().toString(), (System.nanoTime() - begin) / 1_000_000));
        }
        return new Vacuumed(times);
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
                        "tables", "must each be exactly one table of this database; schema.table says which"));
    }
}
