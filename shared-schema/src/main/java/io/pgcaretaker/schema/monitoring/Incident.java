package io.pgcaretaker.schema.monitoring;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.hibernate.annotations.Immutable;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/** What is or was wrong; read here, written by the evaluation alone. */
@Entity
@Immutable
@Table(name = "incident")
public class Incident extends PanacheEntityBase {

    @Id
    public UUID id;

    public String rule;
    public String fingerprint;
    public String severity;

    @JdbcTypeCode(SqlTypes.JSON)
    public Map<String, String> labels;

    /** {@code pending}, {@code firing} or {@code resolved}. */
    public String state;

    public String summary;
    public String value;
    public String threshold;
    public String advice;

    @Column(name = "pending_since")
    public Instant pendingSince;

    @Column(name = "fired_at")
    public @Nullable Instant firedAt;

    @Column(name = "last_seen_at")
    public Instant lastSeenAt;

    @Column(name = "resolved_at")
    public @Nullable Instant resolvedAt;

    @Column(name = "acknowledged_at")
    public @Nullable Instant acknowledgedAt;

    @Column(name = "acknowledged_by")
    public @Nullable String acknowledgedBy;

    public @Nullable String note;

    public int reminders;
}
