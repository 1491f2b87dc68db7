package io.pgcaretaker.schema;

import io.pgcaretaker.database.DatabaseUrl;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.output.MigrateResult;

/**
 * The one actor that migrates: {@code java -cp 'lib/main/*' io.pgcaretaker.schema.Migrate} with {@code DATABASE_URL}
 * set. The Kubernetes Job runs it from any service's image; {@code caretaker up} calls {@link #migrate}.
 */
public final class Migrate {

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

    /** Brings the schema {@code caretaker} to the version of this build; a newer one is left as it is. */
    public static MigrateResult migrate(DatabaseUrl url) {
        return Flyway.configure()
                .dataSource(url.jdbcUrl(), url.username(), url.password())
                .schemas("caretaker")
                .defaultSchema("caretaker")
                .locations("classpath:db/migration")
                .ignoreMigrationPatterns("*:future")
                .connectRetries(10)
                .load()
                .migrate();
    }
}
