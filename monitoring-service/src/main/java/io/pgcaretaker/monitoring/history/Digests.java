package io.pgcaretaker.monitoring.history;

import io.pgcaretaker.monitoring.Limits;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;

/** Reads digests, in the caller's transaction, which has the deadline. */
@Singleton
class Digests {

    private static final int STATEMENTS = 10;
    private static final int TABLES = 10;
    private static final int CHANGES = 50;
    /** A day is too short to foretell from. */
    private static final Duration FORECAST_FROM = Duration.ofDays(30);

    private final Limits limits;
    private final DigestRepository digest = new DigestRepository();
    private final StatementRepository statements = new StatementRepository();
    private final SizeRepository sizes = new SizeRepository();
    private final SchemaRepository schema = new SchemaRepository();

    Digests(Limits limits) {
        this.limits = limits;
    }

    Digest of(Connection connection, Instant now, Instant since) throws SQLException {
        return new Digest(
                now,
                since,
                digest.incidents(connection, since),
                schema.changes(connection, since, CHANGES).stream()
                        .map(HistoryResource.Change::of)
                        .toList(),
                statements.top(connection, since, StatementOrder.TIME, STATEMENTS),
                ForecastPolicy.of(sizes.database(connection, now.minus(FORECAST_FROM)), limits.storageBytes()),
                sizes.tables(connection, since, TABLES),
                digest.security(connection, since),
                digest.findings(connection, since));
    }
}
