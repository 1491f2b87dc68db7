package io.pgcaretaker.schema;

import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.database.Pooler;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.output.MigrateResult;

/**
 * The one actor that migrates: {@code java -cp 'lib/main/*:lib/boot/*' io.pgcaretaker.schema.Migrate} with {@code DATABASE_URL}
 * set. The Kubernetes Job runs it from any service's image; {@code caretaker up} calls {@link #migrate}.
 */
public final class Migrate {

    /**
     * Comments of three migrations have a sign that LATIN1, and others, do not know; another text would be another checksum
     * where they have run already. In such a database the session speaks its encoding, and the driver puts a question mark
     * there.
     */
    private static final String ENCODING = """
            do $$
            begin
              perform convert(decode('e280a6', 'hex'), 'UTF8', current_setting('server_encoding'));
            exception when untranslatable_character then
              perform set_config('client_encoding', current_setting('server_encoding'), false);
            end $$
            """;

    /**
     * Everybody who comes after a statement that waits for a table waits for it, too: one that waited for a dump of the database
     * kept the services from their tables until that was over.
     */
    private static final String PATIENCE = "; select set_config('lock_timeout', '2s', false)";

    private static final int LOGIN_SECONDS = 15;

    private Migrate() {}

    public static void main(String... args) {
        String url = System.getenv("DATABASE_URL");
        if (url == null || url.isBlank()) {
            System.err.println("DATABASE_URL is not set; it " + DatabaseUrl.RULE);
            System.exit(2);
            return;
        }
        try {
            MigrateResult result = migrate(DatabaseUrl.parse(url));
            System.out.println("schema caretaker is at version " + version(result) + ", " + result.migrationsExecuted
                    + " migrations applied now");
        } catch (IllegalArgumentException e) {
            System.err.println("DATABASE_URL " + e.getMessage());
            System.exit(2);
        } catch (FlywayException e) {
            System.err.println("migration failed: " + e.getMessage());
            System.exit(1);
        }
    }

    /** The version that the schema has after this; Flyway names a target only when it had something to do. */
    public static String version(MigrateResult result) {
        return String.valueOf(
                result.targetSchemaVersion == null ? result.initialSchemaVersion : result.targetSchemaVersion);
    }

    /**
     * Brings the schema {@code caretaker} to the version of this build; a newer one is left as it is. While somebody has one of
     * its tables it is tried again, as long as {@link TablesInUse} has patience.
     */
    public static MigrateResult migrate(DatabaseUrl url) {
        String jdbcUrl = forMigration(url.jdbcUrl());
        Flyway flyway = flyway(url, jdbcUrl);
        DataSource database = flyway.getConfiguration().getDataSource();
        new AwaitedDatabase(database, AwaitedDatabase.LONGEST, System.err::println).await();
        Flyway migration = isPooled(database) ? flyway(url, jdbcUrl + "&prepareThreshold=0") : flyway;
        return new TablesInUse(database).waitFor(migration::migrate);
    }

    private static Flyway flyway(DatabaseUrl url, String jdbcUrl) {
        return Flyway.configure()
                .dataSource(jdbcUrl, url.username(), url.password())
                .initSql(ENCODING + PATIENCE)
                .schemas("caretaker")
                .defaultSchema("caretaker")
                .locations("classpath:db/migration")
                .ignoreMigrationPatterns("*:future")
                .load();
    }

    /** Whatever {@code DATABASE_URL} says of it, as the services find it out. */
    private static boolean isPooled(DataSource database) {
        try (Connection connection = database.getConnection()) {
            return Pooler.withoutPreparedStatements(connection);
        } catch (SQLException e) {
            throw new FlywayException("no answer of the database of DATABASE_URL: " + e.getMessage(), e);
        }
    }

    /** A server that takes the connection and says nothing is one that does not answer; a statement may take as long as it does. */
    private static String forMigration(String jdbcUrl) {
        String whole = jdbcUrl + (jdbcUrl.contains("?") ? "&" : "?") + "allowEncodingChanges=true";
        return whole.contains("loginTimeout=") ? whole : whole + "&loginTimeout=" + LOGIN_SECONDS;
    }
}
