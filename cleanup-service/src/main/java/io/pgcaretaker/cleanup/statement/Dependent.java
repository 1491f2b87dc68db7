package io.pgcaretaker.cleanup.statement;

import io.pgcaretaker.cleanup.catalogue.ForeignKey;
import io.pgcaretaker.cleanup.catalogue.Table;
import java.util.List;

/**
 * A table whose rows go with a row of the policy's table, along one path of foreign keys.
 *
 * @param path from the policy's table down to this one
 * @param inner others depend on it in turn
 */
public record Dependent(Table table, List<ForeignKey> path, boolean inner) {
    public Dependent {
        path = List.copyOf(path);
    }
}
