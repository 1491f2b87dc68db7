package io.pgcaretaker.schema;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;

/** A migration that does not get a table goes out of everybody's way, says who has it, and tries again. */
final class TablesInUse {

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /** Less than the Job may take (k8s/base/migrate-job.yaml), so that it ends with a sentence. */
    private static final Duration LONGEST = Duration.ofMinutes(10);

    /** In which the services get at the table again. */
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private static final int LOOK_SECONDS = 5;

    private final DataSource database;

    TablesInUse(DataSource database) {
        this.database = database;
    }

    /** Whatever has gone well before is not done again. */
    <T> T waitFor(Supplier<T> migration) {
        long end = System.nanoTime() + LONGEST.toNanos();
        String told = "";
        while (true) {
            try {
                return migration.get();
            } catch (FlywayException e) {
                if (!isLockTimeout(e)) {
                    throw e;
                }
                String holder = holder();
                if (System.nanoTime() > end) {
                    throw new FlywayException("a table of the schema caretaker was in use for " + LONGEST.toMinutes()
                            + " minutes: " + holder + "; end it, or try again when it is over");
                }
                if (!holder.equals(told)) {
                    System.err.println("migration waits, a table of the schema caretaker is in use: " + holder);
                    told = holder;
                }
                LockSupport.parkNanos(PAUSE.toNanos());
                stopIfInterrupted(e);
            }
        }
    }

    private static void stopIfInterrupted(FlywayException e) {
        if (Thread.currentThread().isInterrupted()) {
            throw e;
        }
    }

    private static boolean isLockTimeout(FlywayException e) {
        for (@Nullable Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException failure && LOCK_NOT_AVAILABLE.equals(failure.getSQLState())) {
                return true;
            }
        }
        return false;
    }

    /** The oldest transaction that has one; what another role's session is called is for pg_read_all_stats to see. */
    private String holder() {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(LOOK_SECONDS);
            try (ResultSet row = statement.executeQuery("""
                    /* caretaker.migrate-holder */
                    select 'the session with pid ' || a.pid || coalesce(' of ' || a.usename, '')
                      || coalesce(' (' || nullif(a.application_name, '') || ')', '')
                      || coalesce(', in a transaction since ' || date_trunc('second', a.xact_start), '')
                    from pg_catalog.pg_stat_activity a
                    where a.pid <> pg_catalog.pg_backend_pid()
                      and a.datname = pg_catalog.current_database()
                      and exists (
                        select 1
                        from pg_catalog.pg_locks l
                        join pg_catalog.pg_class c on c.oid = l.relation
                        where l.pid = a.pid
                          and l.granted
                          and l.database = (
                            select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
                          and c.relnamespace = 'caretaker'::pg_catalog.regnamespace)
                    order by a.xact_start
                    limit 1
                    """)) {
                return row.next()
                        ? row.getString(1)
                        : "a session that has ended since, or a prepared transaction (pg_prepared_xacts)";
            }
        } catch (SQLException e) {
            return "a session that cannot be looked up (SQL state " + e.getSQLState() + ")";
        }
    }
}
