package io.pgcaretaker.cleanup.plan;

import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import java.time.Instant;
import java.util.List;

/** Whether a row of a policy's table can still be restored: as long as no purge could take it. */
public final class Windows {

    private final ArmedPolicy armed;

    public Windows(RetentionPolicy policy, Table table, List<String> key) {
        // Nothing is deleted by it: what depends on the table does not matter here.
        this.armed = new ArmedPolicy(policy, table, key, List.of(), List.of(), List.of());
    }

    /** The retention has passed, and with it the time that the notice promised. */
    public Sql over(Instant cutoff) {
        Sql old = Sql.format(
                "%s < %s",
                Sql.of(Fragments.column("t", armed.policy().age().column())),
                Fragments.cutoff(armed.table(), armed.policy().age(), cutoff));
        return armed.policy().givesNotice()
                ? Sql.format("(%s and %s)", old, NoticeStatements.over(armed, cutoff))
                : old;
    }

    /** It is the deletion of that age, in microseconds. */
    public Sql deletedAt(long age) {
        return Sql.format("%s = %s", new NoticeStatements(armed).age(), Sql.of("?", age));
    }
}
