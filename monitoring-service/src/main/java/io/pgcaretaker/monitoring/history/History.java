package io.pgcaretaker.monitoring.history;

import io.pgcaretaker.monitoring.MonitoringConfig;
import io.pgcaretaker.monitoring.Situation;
import io.pgcaretaker.monitoring.Transaction;
import io.pgcaretaker.monitoring.collect.Row;
import io.pgcaretaker.monitoring.history.SizeRepository.Size;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;

/** Writes down what is kept over time. Of any number of replicas one does, under a lease. */
final class History {

    /** A round's worth of statements that are forgotten; as many at once as are in nobody's way. */
    private static final int MOST_BATCHES = 20;

    private final DataSource database;
    private final MonitoringConfig.History config;
    private final UUID holder = UUID.randomUUID();
    private final StatementRepository statements = new StatementRepository();
    private final SizeRepository sizes = new SizeRepository();
    private final SchemaComparison schema;

    History(DataSource database, MonitoringConfig.History config) {
        this.database = database;
        this.config = config;
        this.schema = new SchemaComparison(database, SchemaComparison.TABLES_A_SLICE);
    }

    /** What a round wrote. */
    record Outcome(boolean holder, int statements, int texts, int sizes, int tablesChanged, int dropped) {
        static final Outcome NOT_HOLDER = new Outcome(false, 0, 0, 0, 0, 0);
    }

    /** Each part in a transaction of its own: one that fails or is slow takes nothing else with it. */
    Outcome run(Situation situation) throws SQLException {
        Instant now = situation.now();
        // The lease lasts as long as the interval, so that a replica whose timer runs between two rounds takes no
        // sample.
        boolean mine = Transaction.run(database, "history-lease", connection -> lease(connection));
        if (!mine) {
            return Outcome.NOT_HOLDER;
        }
        int sampled = 0;
        int texts = 0;
        if (Transaction.run(database, "statement-installed", statements::isInstalled)) {
            sampled = Transaction.run(database, "statement-sample", connection -> statements.sample(connection, now));
            texts = Transaction.run(database, "statement-texts", connection -> statements.texts(connection, now));
            inBatches("statement-base-drop", statements::dropBase);
        }
        Instant textsBefore = now.minus(config.statementRetention());
        inBatches("statement-text-drop", connection -> statements.dropTexts(connection, textsBefore));
        List<Size> present = sizes(situation);
        Transaction.run(database, "size-sample", connection -> {
            sizes.add(connection, present);
            return present.size();
        });
        int changed = schema.run(now);
        int dropped = Transaction.run(database, "history-drop", connection -> drop(connection, now));
        return new Outcome(true, sampled, texts, present.size(), changed, dropped);
    }

    /** Where statements differ at each call, thousands come and go in a round. */
    private void inBatches(String name, Transaction.Work<Integer> drop) throws SQLException {
        int dropped = StatementRepository.BATCH;
        for (int i = 0; i < MOST_BATCHES && dropped == StatementRepository.BATCH; i++) {
            dropped = Transaction.run(database, name, drop);
        }
    }

    private static List<Size> sizes(Situation situation) {
        List<Size> all = new ArrayList<>();
        situation.databaseBytes().ifPresent(bytes -> all.add(new Size(situation.now(), "", "", (long) bytes)));
        for (Row row : situation.reading("largest_tables").rows()) {
            all.add(new Size(
                    situation.now(),
                    row.text("schema"),
                    row.text("table"),
                    row.count("table_bytes") + row.count("index_bytes")));
        }
        return all;
    }

    private boolean lease(Connection connection) throws SQLException {
        String sql = """
                /* caretaker.history-lease */
                insert into caretaker.monitoring_lease as l (name, holder, until)
                values ('history', ?, clock_timestamp() + make_interval(secs => ?))
                on conflict (name) do update
                set holder = excluded.holder,
                    fence = l.fence + case when l.holder = excluded.holder then 0 else 1 end,
                    until = excluded.until
                where l.holder = excluded.holder
                  or l.until < clock_timestamp()
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, holder);
            statement.setDouble(2, config.interval().multipliedBy(2).toMillis() / 1000.0);
            return statement.executeUpdate() == 1;
        }
    }

    /** So that who comes next, after a restart or as another replica, need not wait for the end of the lease. */
    void leave() throws SQLException {
        String sql = """
                /* caretaker.history-lease-release */
                update caretaker.monitoring_lease
                set until = clock_timestamp()
                where name = 'history'
                  and holder = ?
                """;
        Transaction.run(database, "history-leave", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setObject(1, holder);
                return statement.executeUpdate();
            }
        });
    }

    /** A limited number a round, so that a long absence costs no long transaction. */
    private int drop(Connection connection, Instant now) throws SQLException {
        return drop(connection, "statement_sample", "taken_at", now, config.statementRetention())
                + drop(connection, "size_sample", "taken_at", now, config.sizeRetention())
                + drop(connection, "schema_object", "valid_to", now, config.sizeRetention());
    }

    /** The names are constants of ours. */
    private static int drop(Connection connection, String table, String column, Instant now, Duration retention)
            throws SQLException {
        String sql = """
                /* caretaker.history-drop */
                delete from caretaker.%1$s
                where ctid in (
                  select ctid
                  from caretaker.%1$s
                  where %2$s < ?
                  order by %2$s
                  limit 5000
                )
                """.formatted(table, column);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, now.minus(retention).atOffset(ZoneOffset.UTC));
            return statement.executeUpdate();
        }
    }
}
