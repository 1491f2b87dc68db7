package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.archive.Archive;
import io.pgcaretaker.cleanup.archive.Manifest;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.plan.ArmedPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/** The rows leave to a file on the way out. It is complete and synced before the batch commits. */
final class ArchivedSweep implements Sweep.Way {

    private final Archive archive;
    private final Claimed run;
    private final ArmedPolicy armed;

    ArchivedSweep(Archive archive, Claimed run, ArmedPolicy armed) {
        this.archive = archive;
        this.run = run;
        this.armed = armed;
    }

    @Override
    public Sweep.Swept run(Session session, Sql sweep, Claimed.Position position) throws SQLException {
        List<Manifest.Column> columns = armed.storedColumns().stream()
                .map(name -> new Manifest.Column(name, armed.table().type(name)))
                .toList();
        Sql returning = Sql.format(
                "%s returning %s",
                sweep,
                Sql.of(columns.stream()
                        .map(column -> "t." + TableName.quote(column.name()))
                        .collect(Collectors.joining(", "))));
        Archive.Origin origin = new Archive.Origin(
                run.policy(),
                run.id(),
                position.ledgerSeq() + 1,
                run.fence(),
                armed.table().name(),
                position.now());
        try {
            return archive.write(origin, columns, out -> session.copyOut(returning, out))
                    .map(written -> new Sweep.Swept(written.rows(), written.reference()))
                    .orElse(new Sweep.Swept(0, null));
        } catch (IOException e) {
            throw new UncheckedIOException("the archive cannot be written, nothing was deleted", e);
        }
    }
}
