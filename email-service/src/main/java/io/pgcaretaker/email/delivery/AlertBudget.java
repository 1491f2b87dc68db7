package io.pgcaretaker.email.delivery;

import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.Kind;
import io.pgcaretaker.email.address.MailAddress;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;

/** So many alert and incident mails an hour to one address; what is more goes into a digest. */
@ApplicationScoped
class AlertBudget {

    private final DataSource database;
    private final int mails;

    AlertBudget(DataSource database, EmailConfig config) {
        this.database = database;
        this.mails = config.digests().budget();
    }

    /**
     * False when this mail is to go into a digest instead. Only a mail that was never tried may: what a server put off, or
     * may have taken, is not told a second time. Who wants no digests has no budget, since nothing may be kept from them.
     */
    boolean allows(Claimed claimed) throws SQLException {
        Kind kind = claimed.kind();
        StoredMail mail = claimed.mail();
        boolean counts = (kind == Kind.ALERT || kind == Kind.INCIDENT)
                && mail.state().equals("queued")
                && mail.attempts() == 0
                && !claimed.outcomeUnknown();
        return !counts || take(MailAddress.normalised(mail.recipient()));
    }

    private boolean take(String address) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.alert-budget-take */
                        with taken as (
                          insert into caretaker.alert_budget as b (address, window_start, used)
                          values (?, now(), 1)
                          on conflict (address) do update
                          set used = case when b.window_start <= now() - interval '1 hour' then 1 else b.used + 1 end,
                              window_start = case
                                when b.window_start <= now() - interval '1 hour' then now()
                                else b.window_start
                              end
                          where b.window_start <= now() - interval '1 hour' or b.used < ?
                          returning used
                        )
                        select exists (select from taken) or exists (
                          select
                          from caretaker.digest_recipient
                          where address = ?
                            and unsubscribed_at is not null)
                        """)) {
            statement.setQueryTimeout(ClaimRepository.DEADLINE_SECONDS);
            statement.setString(1, address);
            statement.setInt(2, mails);
            statement.setString(3, address);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }
}
