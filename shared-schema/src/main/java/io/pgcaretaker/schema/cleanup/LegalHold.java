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
import org.jspecify.annotations.Nullable;

/** A legal hold as people list it: while it is open, its subject is not deleted. */
@Entity
@Immutable
@Table(name = "legal_hold")
public class LegalHold extends PanacheEntityBase {

    @Id
    public UUID id;

    @Column(name = "case_id")
    public String caseId;

    public String policy;

    @Column(name = "subject_table")
    public String subjectTable;

    @Column(name = "subject_key")
    public String subjectKey;

    public String reason;

    @Column(name = "placed_by")
    public String placedBy;

    @Column(name = "placed_at")
    public Instant placedAt;

    @Column(name = "released_by")
    public @Nullable String releasedBy;

    @Column(name = "released_at")
    public @Nullable Instant releasedAt;

    /** One page, newest first. */
    public static List<LegalHold> newest(int page, int size) {
        return LegalHold.<LegalHold>findAll(Sort.descending("placedAt").and("id"))
                .page(Page.of(page, size))
                .list();
    }
}
