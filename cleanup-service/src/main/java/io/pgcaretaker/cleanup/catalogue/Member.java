package io.pgcaretaker.cleanup.catalogue;

import java.util.List;

/**
 * A table beneath a partitioned one.
 *
 * @param kind as {@code pg_class.relkind}: r holds rows, p is partitioned itself
 * @param direct its rows can be reached by its own name as they are through the partitioned table: this role may, and
 *     neither rules nor row-level security are in between
 * @param deleteTriggers those that it does not have from above
 * @param updateTriggers of those that fire on update
 */
public record Member(
        TableName name, String kind, boolean direct, List<String> deleteTriggers, List<String> updateTriggers) {
    public Member {
        deleteTriggers = List.copyOf(deleteTriggers);
        updateTriggers = List.copyOf(updateTriggers);
    }
}
