package io.pgcaretaker.cleanup.preflight;

import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.catalogue.ForeignKey;
import io.pgcaretaker.cleanup.catalogue.PartitionRepository;
import io.pgcaretaker.cleanup.catalogue.Partitioning;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a table must be for its partitions to be dropped as a whole. */
final class PartitionChecks {

    private final CatalogueRepository catalogue;
    private final PartitionRepository partitions = new PartitionRepository();

    PartitionChecks(CatalogueRepository catalogue) {
        this.catalogue = catalogue;
    }

    List<String> problems(Session session, RetentionPolicy policy, Table table) throws SQLException {
        Optional<Partitioning> found = partitions.partitioning(session, table.oid());
        if (found.isEmpty()) {
            // TableChecks says it already.
            return List.of();
        }
        Partitioning partitioning = found.get();
        List<String> problems = new ArrayList<>();
        if (!partitioning.strategy().equals("r")
                || partitioning.keys() != 1
                || !policy.age().column().equals(partitioning.column())) {
            problems.add(table.name() + " is not partitioned by range of "
                    + policy.age().column() + " alone, so that no partition is known to hold only expired rows");
        }
        if (!partitioning.owned()) {
            problems.add("only the owner of " + table.name() + " can take partitions from it; run: grant "
                    + TableName.quote(partitioning.owner()) + " to " + TableName.quote(table.role()));
        }
        for (ForeignKey key : catalogue.referencing(session, table.oid())) {
            problems.add("the foreign key " + key.name() + " of " + key.child() + " refers to " + table.name()
                    + ", whose partitions can then not be dropped as a whole");
        }
        return problems;
    }
}
