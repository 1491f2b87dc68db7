package io.pgcaretaker.cleanup.removal;

import io.pgcaretaker.cleanup.catalogue.PartitionRepository;
import io.pgcaretaker.cleanup.catalogue.PartitionRepository.Place;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.run.Claimed;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Cursor;
import io.pgcaretaker.cleanup.statement.PartitionStatements;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Drops one partition that was detached, in the transaction of a batch: locked, looked at to its last row, and gone with
 * its ledger line; or put back when a row of it must stay.
 */
public final class PartitionDrop implements Removal {

    private final ArmedPolicy armed;
    private final PartitionStatements statements;
    private final PartitionDropRepository.Taking taking;
    private final Duration deadline;
    private final Way way;
    private final PartitionDropRepository takings = new PartitionDropRepository();
    private final PartitionRepository partitions = new PartitionRepository();

    private PartitionDropRepository.@Nullable State state;
    private long rows;

    /** What becomes of it. */
    public enum Way {
        /** It goes, unless a row of it must stay. */
        DROP,
        /** It could not be dropped. */
        PUT_BACK
    }

    public PartitionDrop(
            ArmedPolicy armed,
            PartitionStatements statements,
            PartitionDropRepository.Taking taking,
            Duration deadline,
            Way way) {
        this.armed = armed;
        this.statements = statements;
        this.taking = taking;
        this.deadline = deadline;
        this.way = way;
    }

    /** How it ended; absent: it has not. */
    public PartitionDropRepository.@Nullable State state() {
        return state;
    }

    /** How many rows it has, as far as it was looked at. */
    public long rows() {
        return rows;
    }

    private record Look(long rows, long staying) {}

    @Override
    public Optional<Taken> take(Session session, Claimed.Position position, int units, boolean careful)
            throws SQLException {
        // Counting a large partition takes longer than a batch may; the lease bounds it.
        session.deadline(deadline);
        Place place = partitions.place(session, armed.table().oid(), taking.oid(), taking.partition());
        if (place == Place.PENDING || place == Place.REPLACED) {
            return Optional.of(new Taken(null, false, Map.of(), null));
        }
        if (place != Place.DETACHED) {
            return settle(
                    session,
                    place == Place.GONE ? PartitionDropRepository.State.GONE : PartitionDropRepository.State.KEPT,
                    0);
        }
        session.update(statements.lock(taking.partition()));
        if (way == Way.PUT_BACK) {
            session.update(statements.attach(taking.partition(), taking.bound()));
            return settle(session, PartitionDropRepository.State.KEPT, 0);
        }
        Look look = session.first(statements.look(taking.partition()), row -> new Look(row.getLong(1), row.getLong(2)))
                .orElseThrow(() -> new SQLException("no row", "02000"));
        if (look.staying() > 0) {
            session.update(statements.attach(taking.partition(), taking.bound()));
            return settle(session, PartitionDropRepository.State.KEPT, look.rows());
        }
        session.update(statements.drop(taking.partition()));
        return settle(session, PartitionDropRepository.State.DROPPED, look.rows());
    }

    private Optional<Taken> settle(Session session, PartitionDropRepository.State to, long counted)
            throws SQLException {
        takings.settle(session, taking, to, counted);
        state = to;
        rows = counted;
        return Optional.of(new Taken(
                null,
                false,
                to == PartitionDropRepository.State.DROPPED && counted > 0
                        ? Map.of(armed.table().name().toString(), counted)
                        : Map.of(),
                null));
    }

    @Override
    public Optional<Cursor> beyond(Session session, Claimed.Position position) {
        return Optional.empty();
    }

    @Override
    public BatchSize.Range range(@Nullable Cursor cursor) {
        return BatchSize.Range.PICKED;
    }
}
