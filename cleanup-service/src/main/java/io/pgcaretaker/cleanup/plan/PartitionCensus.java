package io.pgcaretaker.cleanup.plan;

import io.pgcaretaker.cleanup.catalogue.Partition;
import io.pgcaretaker.cleanup.catalogue.PartitionRepository;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.policy.Action;
import io.pgcaretaker.cleanup.policy.Mode;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.statement.Ages;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.PartitionStatements;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds out which partitions lie wholly before a cutoff, and how many rows they hold; changes nothing. */
public final class PartitionCensus {

    private final Transactions transactions;
    private final Census census;
    private final PartitionRepository partitions = new PartitionRepository();

    public PartitionCensus(Transactions transactions, Census census) {
        this.transactions = transactions;
        this.census = census;
    }

    /**
     * What there is.
     *
     * @param ready partitions that may be dropped, the oldest first
     * @param matched rows in them: counted in small ones, else as the planner estimates them
     * @param tableRows rows of all partitions, in the same way
     * @param reason which they are and why others stay, as an operator reads it
     */
    public record Survey(List<Partition> ready, long matched, long tableRows, String reason) {
        public Survey {
            ready = List.copyOf(ready);
        }

        /** A drop writes next to nothing, and takes about a second with its waits. */
        Plan.Estimate estimate() {
            return new Plan.Estimate(ready.stream().mapToLong(Partition::bytes).sum(), 0, ready.size());
        }

        public StrategyPolicy.Choice choice() {
            return new StrategyPolicy.Choice(Strategy.PARTITIONS, reason);
        }
    }

    /** The policies whose next run ends what one before it has begun. */
    public static List<String> dropping(Policies policies) {
        return policies.all().stream()
                .filter(policy -> policy.action().is(Action.Kind.DROP_PARTITIONS) && policy.mode() == Mode.ENFORCE)
                .map(RetentionPolicy::name)
                .toList();
    }

    /** All partitions of the table as they are now, the oldest first. */
    public List<Partition> partitions(ArmedPolicy armed, Instant cutoff) {
        return transactions.run(
                "cleanup.partitions",
                session -> partitions.partitions(
                        session,
                        armed.table().oid(),
                        armed.ageType(),
                        Ages.past(armed, cutoff, PartitionRepository.UPPER)));
    }

    /** Whether it goes; one whose detach was begun goes too. */
    public static boolean isReady(Partition partition) {
        return partition.expired() && partition.obstacle() == null;
    }

    /** Its rows as {@link #survey} counts them. */
    public long rows(Partition partition) {
        return census.rows(partition.name(), partition.bytes());
    }

    /** What there is, counted. */
    public Survey survey(ArmedPolicy armed, Instant cutoff) {
        List<Partition> all = partitions(armed, cutoff);
        long matched = 0;
        long tableRows = 0;
        for (Partition partition : all) {
            long rows = rows(partition);
            tableRows += rows;
            matched += isReady(partition) ? rows : 0;
        }
        List<Partition> ready = all.stream().filter(PartitionCensus::isReady).toList();
        String left = all.stream()
                .filter(partition -> partition.expired() && partition.obstacle() != null)
                .map(partition -> "; " + partition.name() + " stays, it " + partition.obstacle())
                .collect(Collectors.joining());
        return new Survey(
                ready,
                matched,
                tableRows,
                ready.size() + " of " + all.size() + " partitions lie wholly before the cutoff and are dropped" + left);
    }

    /** The age of the oldest row in the oldest partition that goes. */
    Optional<Instant> oldest(ArmedPolicy armed, Instant cutoff) {
        return partitions(armed, cutoff).stream()
                .filter(PartitionCensus::isReady)
                .findFirst()
                .flatMap(partition -> oldest(armed, partition.name(), cutoff));
    }

    /**
     * The age of the oldest row that should have gone, also where its partition stays, as the default one does for ever, or was
     * detached and not dropped.
     */
    Optional<Instant> oldestOverdue(ArmedPolicy armed, Instant cutoff) {
        List<Partition> all = partitions(armed, cutoff);
        Optional<Instant> expired = all.stream()
                .filter(Partition::expired)
                .flatMap(partition -> oldest(armed, partition.name(), cutoff).stream())
                .findFirst();
        Stream<Instant> detached = transactions
                .run(
                        "cleanup.partitions-detached",
                        session -> partitions.detached(session, armed.policy().name(), armed.table()))
                .stream()
                .flatMap(partition -> oldest(armed, partition, cutoff).stream());
        return Stream.of(expired.stream(), oldestByDefault(armed, all, cutoff).stream(), detached)
                .flatMap(Function.identity())
                .min(Comparator.naturalOrder());
    }

    /** What of the default partition is too old and stays, as an operator reads it; empty where nothing is. */
    String leftByDefault(ArmedPolicy armed, Instant cutoff) {
        try {
            return oldestByDefault(armed, partitions(armed, cutoff), cutoff)
                    .map(oldest ->
                            "; the default partition stays, and so do its rows that are too old, the oldest from "
                                    + oldest)
                    .orElse("");
        } catch (DatabaseFailure e) {
            if (!e.asksForLess()) {
                throw e;
            }
            return "; the default partition stays, and its rows could not be looked through in time";
        }
    }

    private Optional<Instant> oldestByDefault(ArmedPolicy armed, List<Partition> all, Instant cutoff) {
        return all.stream()
                .filter(Partition::isDefault)
                .flatMap(partition -> oldest(armed, partition.name(), cutoff).stream())
                .findFirst();
    }

    /** Empty where it has no row that is too old. */
    private Optional<Instant> oldest(ArmedPolicy armed, TableName partition, Instant cutoff) {
        return transactions.run(
                "cleanup.partition-oldest",
                Census.DEADLINE,
                Census.LOCK,
                session -> session.first(
                                new PartitionStatements(armed, cutoff).oldest(partition),
                                row -> Optional.ofNullable(row.getTimestamp(1)).map(Timestamp::toInstant))
                        .orElseThrow(() -> new SQLException("no row", "02000")));
    }
}
