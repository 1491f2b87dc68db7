package io.pgcaretaker.schema.cleanup;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import io.quarkus.panache.common.Page;
import io.quarkus.panache.common.Sort;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.hibernate.annotations.Immutable;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/** A clean-up run as people list and open it. cleanup-service's engine alone writes it, in plain SQL. */
@Entity
@Immutable
@Table(name = "cleanup_run")
public class CleanupRun extends PanacheEntityBase {

    @Id
    public UUID id;

    public String policy;

    @Column(name = "policy_hash")
    public String policyHash;

    public String mode;
    public String trigger;
    public Instant slot;
    public String state;
    public @Nullable Instant cutoff;
    public String phase;

    /** block-ranges or keyset; null until it is chosen. */
    public @Nullable String strategy;

    @Column(name = "strategy_reason")
    public @Nullable String strategyReason;

    @Column(name = "rows_matched")
    public @Nullable Long rowsMatched;

    @Column(name = "rows_deleted")
    public long rowsDeleted;

    @Column(name = "rows_skipped")
    public long rowsSkipped;

    public long batches;

    @Column(name = "longest_batch_ms")
    public long longestBatchMillis;

    /** What holds it back just now; null: nothing. */
    public @Nullable String throttle;

    @Column(name = "throttled_ms")
    public long throttledMillis;

    /** Rows by table, as JSON. */
    @JdbcTypeCode(SqlTypes.JSON)
    public String tables;

    @Column(name = "stop_reason")
    public @Nullable String stopReason;

    @Column(name = "stop_detail")
    public @Nullable String stopDetail;

    @Column(name = "requested_by")
    public String requestedBy;

    @Column(name = "approved_by")
    public @Nullable String approvedBy;

    @Column(name = "created_at")
    public Instant createdAt;

    @Column(name = "started_at")
    public @Nullable Instant startedAt;

    @Column(name = "finished_at")
    public @Nullable Instant finishedAt;

    private static final Sort NEWEST_FIRST = Sort.descending("createdAt").and("id");

    /** One page of the history, newest first; of one policy when it is named. */
    public static List<CleanupRun> newest(@Nullable String policy, int page, int size) {
        return policy == null
                ? CleanupRun.<CleanupRun>findAll(NEWEST_FIRST)
                        .page(Page.of(page, size))
                        .list()
                : CleanupRun.<CleanupRun>find("policy", NEWEST_FIRST, policy)
                        .page(Page.of(page, size))
                        .list();
    }
}
