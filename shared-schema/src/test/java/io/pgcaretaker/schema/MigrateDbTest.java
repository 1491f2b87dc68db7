package io.pgcaretaker.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.testing.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.flywaydb.core.api.output.MigrateResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The schema goes into whatever database the application has. */
class MigrateDbTest {

    private static final TestDatabase DATABASE = TestDatabase.create();

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
