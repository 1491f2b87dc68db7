package io.pgcaretaker.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.testing.FreePort;
import io.pgcaretaker.testing.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.output.MigrateResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** The schema goes into whatever database the application has. */
class MigrateDbTest {

    private static final TestDatabase DATABASE = TestDatabase.create();

    private static final String WAITING = """
            select count(*)
            from pg_locks
            where not granted
              and mode = 'AccessExclusiveLock'
              and relation = 'caretaker.cleanup_run'::regclass
            """;

    /** Three comments have a sign that LATIN1 and KOI8R do not know. */
    @ParameterizedTest
    @ValueSource(strings = {"LATIN1", "LATIN2", "KOI8R", "WIN1252", "EUC_JP", "SQL_ASCII"})
    void databasesOfEveryEncodingAreMigrated(String encoding) {
        String name = "encoded_" + encoding.toLowerCase(Locale.ROOT);
        DATABASE.execute("create database " + name + " template template0 encoding '" + encoding + "' locale 'C'");
        DatabaseUrl url = DatabaseUrl.parse(DATABASE.url().replaceFirst("/[^/]*$", "/" + name));

        MigrateResult first = Migrate.migrate(url);
        MigrateResult second = Migrate.migrate(url);

        assertThat(first.migrationsExecuted).isGreaterThan(20);
        assertThat(second.migrationsExecuted).isZero();
        assertThat(Migrate.version(second)).isEqualTo(Migrate.version(first));
    }

    /** Both took eight minutes, and said nothing meanwhile. */
    @Test
    void aLoginThatIsRefusedOrADatabaseThatIsNotThereEndsItAtOnce() {
        for (String wrong : List.of(
                DATABASE.url().replace("postgres:postgres@", "nobody_of_ours:x@"), DATABASE.url() + "_not_there")) {
            CompletableFuture<MigrateResult> migration =
                    CompletableFuture.supplyAsync(() -> Migrate.migrate(DatabaseUrl.parse(wrong)));

            assertThat(migration)
                    .failsWithin(Duration.ofMinutes(2))
                    .withThrowableOfType(ExecutionException.class)
                    .withMessageContaining("no connection to the database of DATABASE_URL: FATAL");
        }
    }

    @Test
    void aDatabaseThatComesIsWaitedForAndItIsSaidWhy() throws Exception {
        int port = FreePort.find();
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl("jdbc:postgresql://localhost:" + port + "/x");
        List<String> said = new CopyOnWriteArrayList<>();
        AwaitedDatabase awaited = new AwaitedDatabase(source, Duration.ofMinutes(2), said::add);

        CompletableFuture<Void> waiting = CompletableFuture.runAsync(awaited::await);
        while (said.isEmpty()) {
            assertThat(waiting).isNotDone();
        }
        source.setUrl(DatabaseUrl.parse(DATABASE.url()).jdbcUrl());
        source.setUser("postgres");
        source.setPassword("postgres");

        waiting.get(120, TimeUnit.SECONDS);
        assertThat(said).first().asString().contains("migration waits for the database", "refused");
    }

    /** As pg_dump has every table for as long as it takes; who came after a migration that waited for one waited for the dump. */
    @Test
    void whileADumpHasItsTablesTheServicesGetAtThem() throws Exception {
        TestDatabase database = TestDatabase.create();
        DatabaseUrl url = DatabaseUrl.parse(database.url());
        Flyway.configure()
                .dataSource(url.jdbcUrl(), url.username(), url.password())
                .schemas("caretaker")
                .locations("classpath:db/migration")
                .target("146")
                .load()
                .migrate();

        CompletableFuture<MigrateResult> migration;
        try (Connection dump = database.connect();
                Statement table = dump.createStatement()) {
            dump.setAutoCommit(false);
            table.execute("lock table caretaker.cleanup_run in access share mode");
            migration = CompletableFuture.supplyAsync(() -> Migrate.migrate(url));
            while (database.queryLong(WAITING) == 0) {
                assertThat(migration).isNotDone();
            }
            try (Connection service = database.connect();
                    Statement statement = service.createStatement()) {
                statement.setQueryTimeout(120);
                statement.execute("select from caretaker.cleanup_run");
            }
            assertThat(migration).isNotDone();
        }

        assertThat(migration.get(120, TimeUnit.SECONDS).migrationsExecuted).isPositive();
    }

    @Test
    void newMigrationsHaveNoSignThatADatabaseMightNotKnow() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/main/resources/db/migration"))) {
            assertThat(files.filter(file ->
                                    !StandardCharsets.US_ASCII.newEncoder().canEncode(text(file)))
                            .map(file -> file.getFileName().toString().substring(0, 4)))
                    .as("changing these would change their checksums")
                    .containsExactlyInAnyOrderElementsOf(List.of("V004", "V006", "V111"));
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
