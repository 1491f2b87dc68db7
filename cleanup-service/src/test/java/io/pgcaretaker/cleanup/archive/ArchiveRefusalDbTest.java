package io.pgcaretaker.cleanup.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import io.pgcaretaker.database.DatabaseUrl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** The application went on: its table has changed since rows were archived, or does something for each of them. */
class ArchiveRefusalDbTest extends CleanupDbTest {

    @TempDir
    Path folder;

    private TestWorker worker;
    private Archive archive;
    private Manifest manifest;

    @BeforeEach
    void archiveAllBills() throws Exception {
        database.execute("""
                create type state as enum ('open', 'paid');
                create table bills (id int primary key, at timestamptz, state state, note text, sum numeric,
                  ids int[], code varchar(3), price numeric(4,2));
                create index on bills (at, id);
                insert into bills select n, now() - interval '9 days', 'paid', 'note', n * 1000.50, '{1,2}', 'abc', 12.34
                from generate_series(1, 3) as n;
                create table sent (id int);
                create function send() returns trigger language plpgsql as
                $$ begin insert into sent values (new.id); return new; end $$;
                create function refuse() returns trigger language plpgsql as
                $$ begin raise exception 'never again %', new.note; end $$;
                analyze
                """);
        worker = new TestWorker(
                database,
                TestPolicy.of("old-bills", "bills", "P1D")
                        .with("action", "archive")
                        .settings(Map.of(
                                "archive-directory", folder.resolve("archive").toString())));
        worker.runNow("old-bills");
        archive = Archive.of(worker.settings());
        manifest = Objects.requireNonNull(
                archive.list(Archive.Selection.ALL, 0, 1).get(0).manifest());
    }

    private String restore(Transactions transactions, boolean fireTriggers) throws Exception {
        return new ArchiveRestore(transactions, new CatalogueRepository(), new LedgerRepository(), archive)
                .restore(manifest, fireTriggers, "somebody")
                .toString();
    }

    private String restore() throws Exception {
        return restore(worker.transactions, false);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            alter type state rename value 'paid' to 'settled'                                     | 22P02
            alter table bills drop column note, add note text generated always as ('x') stored    | is generated now
            alter table bills add constraint dear check (sum > 2000)                       | dear
            alter table bills add since text not null                                             | must not be null
            alter table bills add constraint one exclude (note with =)                            | one
            alter table bills alter id type smallint                                              | was integer and is smallint
            alter table bills alter note type varchar(3)                                          | was text and is character
            alter table bills rename note to remark                                               | not there any more
            alter table bills rename to invoices                                                  | no table public.bills
            alter table bills rename to invoices; create view bills as select * from invoices     | no table public.bills
            """)
    void whatHasChangedIsNamedAndNothingIsReadBack(String change, String why) throws Exception {
        database.execute(change);

        assertThat(restore()).startsWith("Refused").contains(why);
        assertThat(database.queryLong(
                        change.contains("rename to") ? "select count(*) from invoices" : "select count(*) from bills"))
                .isZero();
    }

    /** As tables grow; what was archived before must not be lost by it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            alter id type bigint, alter ids type bigint[]    | id = 3 and ids = '{1,2}'
            alter id type numeric                            | id = 3
            alter note type varchar, alter code type text    | note = 'note' and code = 'abc'
            alter code type varchar(5)                       | code = 'abc'
            alter price type numeric(9,3)                    | price = 12.34
            alter price type numeric                         | price = 12.34
            """)
    void columnsThatHaveBecomeWiderTakeWhatTheyHad(String change, String condition) throws Exception {
        database.execute("alter table bills " + change);

        assertThat(restore()).isEqualTo("Restored[rows=3]");
        assertThat(database.queryLong("select count(*) from bills where id = 3 and " + condition))
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"alter price type numeric(9,1)", "alter price type numeric(4,3)", "alter code type varchar(2)"})
    void columnsThatHaveBecomeNarrowerAreNamed(String change) throws Exception {
        database.execute("alter table bills " + change);

        assertThat(restore()).startsWith("Refused").contains(" was ", " and is ");
    }

    @Test
    void aPartitionThatIsNotThereAnyMoreIsNamed() throws Exception {
        database.execute("drop table bills;"
                + " create table bills (id int, at timestamptz, state state, note text, sum numeric, ids int[],"
                + " code varchar(3), price numeric(4,2)) partition by range (at);"
                + " create table bills_2000 partition of bills for values from ('2000-01-01') to ('2001-01-01')");

        assertThat(restore()).startsWith("Refused").contains("no partition");
    }

    /** They hold what people were; whoever else has an account on the machine has no business with them. */
    @Test
    void nobodyElseMayReadTheFiles() throws Exception {
        Path made = folder.resolve("archive");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                .isEqualTo("rwx------");
        try (Stream<Path> files = Files.list(made)) {
            assertThat(files.toList())
                    .as("rows, manifest and mark")
                    .hasSize(3)
                    .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .isEqualTo("rw-------"));
        }
    }

    @Test
    void triggersDoNotFireUnlessSomebodySaysSo() throws Exception {
        database.execute("create trigger bills_sent after insert on bills for each row execute function send()");

        assertThat(restore()).startsWith("Refused").contains("bills_sent", "fireTriggers");
        assertThat(database.queryLong("select count(*) from bills")).isZero();
        assertThat(restore(worker.transactions, true)).isEqualTo("Restored[rows=3]");
        assertThat(database.queryLong("select count(*) from sent")).isEqualTo(3);

        database.execute("delete from bills; alter table bills disable trigger bills_sent");
        assertThat(restore()).isEqualTo("Restored[rows=3]");
        assertThat(database.queryLong("select count(*) from sent")).isEqualTo(3);
    }

    @Test
    void whatATriggerSaysIsNotRepeated() throws Exception {
        database.execute("create trigger bills_refuse before insert on bills for each row execute function refuse()");

        assertThat(restore(worker.transactions, true))
                .startsWith("Refused")
                .contains("P0001")
                .doesNotContain("never again");
    }

    /** As docs/operate.md makes the role: it may select, update, delete. */
    @Test
    void aRightThatIsLackingIsNamed() throws Exception {
        String role =
                "archivist_" + database.queryLong("select oid from pg_database where datname = current_database()");
        database.execute("create role " + role + " login; grant usage on schema caretaker to " + role
                + "; grant select on all tables in schema caretaker to " + role
                + "; grant select, update, delete on bills to " + role);
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL(DatabaseUrl.parse(database.url()).jdbcUrl());
        source.setPassword("postgres");
        source.setUser(role);
        Transactions archivist = new Transactions(source);

        assertThat(restore(archivist, false)).contains("grant insert on \"public\".\"bills\" to \"" + role + "\"");

        database.execute("grant insert on bills to " + role + "; alter table bills enable row level security");
        assertThat(restore(archivist, false)).startsWith("Refused").contains("row-level security");
    }
}
