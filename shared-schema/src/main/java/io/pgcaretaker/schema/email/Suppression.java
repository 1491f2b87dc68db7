package io.pgcaretaker.schema.email;

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
import org.jspecify.annotations.Nullable;

/** An address that is never written to again; see V015. */
@Entity
@Table(name = "suppression")
public class Suppression extends PanacheEntityBase {

    /** Lower case. */
    @Id
    public String address;

    public String reason;

    /** The mail that told. */
    @Column(name = "email_id")
    public @Nullable UUID emailId;

    @Column(name = "created_at")
    public Instant createdAt;

    /** Newest first. */
    public static List<Suppression> page(int index, int size) {
        return Suppression.<Suppression>findAll(Sort.descending("createdAt").and("address"))
                .page(Page.of(index, size))
                .list();
    }
}
