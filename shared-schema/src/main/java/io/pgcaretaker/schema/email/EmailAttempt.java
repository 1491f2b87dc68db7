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
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/** One line of the ledger of attempts; see V013. */
@Entity
@Immutable
@Table(name = "email_attempt")
public class EmailAttempt extends PanacheEntityBase {

    @Id
    public Long id;

    @Column(name = "email_id")
    public UUID emailId;

    @Column(name = "recipient_id")
    public Long recipientId;

    public int attempt;

    public Instant at;

    public String outcome;

    /** As host:port. */
    public @Nullable String transport;

    public @Nullable String stage;

    public @Nullable Integer code;

    public @Nullable String enhanced;

    public @Nullable String reply;

    @Column(name = "duration_ms")
    public @Nullable Long durationMs;

    /** Of one mail, in the order in which it happened. */
    public static List<EmailAttempt> ofEmail(UUID emailId) {
        return list("emailId", Sort.ascending("id"), emailId);
    }

    /** Of all mails, newest first. */
    public static List<EmailAttempt> page(int index, int size) {
        return EmailAttempt.<EmailAttempt>findAll(Sort.descending("id"))
                .page(Page.of(index, size))
                .list();
    }
}
