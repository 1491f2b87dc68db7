package io.pgcaretaker.cleanup.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What was archived under one name does not come back under another. */
class ExchangedColumnsDbTest extends CleanupDbTest {

    @TempDir
    Path folder;

    private TestWorker worker;

    @BeforeEach
    void archiveOneAddress() {
        database.execute("""
                create type place as (street text, town text);
                create domain known as place;
                create table addresses (id int primary key, at timestamptz, home text, work text, place place, places known[]);
                create index on addresses (at, id);
                insert into addresses values
                  (1, now() - interval '9 days', 'home', 'work', ('street', 'town'), array[('street', 'town')::known]);
                analyze
                """);
        worker = new TestWorker(
                database,
                TestPolicy.of("old-addresses", "addresses", "P1D")
                        .with("action", "archive")
                        .settings(Map.of("archive-directory", folder.toString())));
        worker.runNow("old-addresses");
    }

    private String restore() throws Exception {
        Archive archive = Archive.of(worker.settings());
        return new ArchiveRestore(worker.transactions, new CatalogueRepository(), new LedgerRepository(), archive)
                .restore(
                        Objects.requireNonNull(
                                archive.list(Archive.Selection.ALL, 0, 1).get(0).manifest()),
                        false,
                        "somebody")
                .toString();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            alter table addresses rename home to x; alter table addresses rename work to home; alter table addresses rename x to work | 'home' is called 'work' now
            alter table addresses rename home to x; alter table addresses add home text | 'home' is called 'x' now
            alter type place drop attribute street cascade, add attribute street text cascade                                         | place (town text, street text)
            alter table addresses drop place; alter type place drop attribute street, add attribute street text; alter table addresses add place place | place (town text, street text)
            """)
    void isNamed(String change, String why) throws Exception {
        database.execute(change);

        assertThat(restore()).startsWith("Refused").contains(why);
        assertThat(database.queryLong("select count(*) from addresses")).isZero();
    }

    /** As a column gets another type without a lock for long, or a table another place. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            select 1
            alter table addresses add other text; alter table addresses drop home; alter table addresses rename other to home
            alter table addresses rename to old; create table addresses (id int, work text, at timestamptz, places known[], home text, place place)
            """)
    void aColumnThatWasMadeAnewTakesWhatItHad(String change) throws Exception {
        database.execute(change);

        assertThat(restore()).isEqualTo("Restored[rows=1]");
        assertThat(database.queryLong("select count(*) from addresses where home = 'home' and work = 'work'"
                        + " and (place).town = 'town' and (places[1]).town = 'town'"))
                .isEqualTo(1);
    }

    /** As a version before this one wrote them. */
    @Test
    void filesOfBeforeAreReadBack() throws Exception {
        try (var files = Files.list(folder)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".json")).toList()) {
                Files.writeString(file, Files.readString(file).replaceAll(",\\s*\"(place|fields)\" : \"[^\"]*\"", ""));
            }
        }

        assertThat(restore()).isEqualTo("Restored[rows=1]");
    }
}
