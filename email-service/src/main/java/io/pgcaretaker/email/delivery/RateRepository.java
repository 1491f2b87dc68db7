package io.pgcaretaker.email.delivery;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;

/** Places in the rows of rates, shared by all replicas. */
@ApplicationScoped
class RateRepository {

    private final DataSource database;

    RateRepository(DataSource database) {
        this.database = database;
    }

    /**
     * Takes the next places, each rate's in a transaction of its own, so that replicas never wait for each other twice.
     *
     * @param counts how many of each rate
     * @return how long from now the first of them is; not positive when it is now
     */
    Map<RatePolicy.Rate, Duration> take(Map<RatePolicy.Rate, Integer> counts) throws SQLException {
        Map<RatePolicy.Rate, Duration> first = new HashMap<>();
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        /* caretaker.email-rate-take */
                        insert into caretaker.email_rate as known (scope, name, next_at)
                        values (?, ?, now() + ? * interval '1 microsecond')
                        on conflict (scope, name) do update
                        set next_at = greatest(known.next_at, now() - ? * interval '1 microsecond')
                          + ? * interval '1 microsecond'
                        returning (extract(epoch from next_at - now()) * 1000000)::bigint as micros
                        """)) {
            statement.setQueryTimeout(ClaimRepository.DEADLINE_SECONDS);
            for (Map.Entry<RatePolicy.Rate, Integer> entry : counts.entrySet()) {
                RatePolicy.Rate rate = entry.getKey();
                long interval = rate.interval().toNanos() / 1_000;
                // After a quiet time, this many places lie in the past: they may go at once.
                long back = (rate.burst() - 1) * interval;
                long taken = entry.getValue() * interval;
                statement.setString(1, rate.scope());
                statement.setString(2, rate.name());
                statement.setLong(3, taken - back);
                statement.setLong(4, back);
                statement.setLong(5, taken);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    first.put(rate, Duration.ofNanos((row.getLong("micros") - taken) * 1_000));
                }
            }
        }
        return first;
    }
}
