package io.pgcaretaker.monitoring.console;

import io.pgcaretaker.access.Role;
import io.pgcaretaker.monitoring.Page;
import io.pgcaretaker.monitoring.Transaction;
import io.pgcaretaker.startup.NeedsDatabase;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** Who ended what. */
@NeedsDatabase
@Path("/api/monitoring/database/actions")
@Produces(MediaType.APPLICATION_JSON)
public class ActionResource {

    private final DataSource database;
    private final ActionRepository actions = new ActionRepository();

    ActionResource(DataSource database) {
        this.database = database;
    }

    @GET
    @RolesAllowed(Role.VIEWER_ROLE)
    @Operation(summary = "Sessions that somebody canceled or ended: who, when, whose, with which outcome; newest first")
    public Page<OperatorAction> list(
            @QueryParam("page") @DefaultValue("0") int page, @QueryParam("size") @DefaultValue("50") int size)
            throws SQLException {
        Page.check(page, size);
        return Transaction.run(
                database,
                "operator-action-list",
                connection -> new Page<>(
                        actions.list(connection, Math.multiplyExact(page, size), size),
                        page,
                        size,
                        actions.count(connection)));
    }
}
