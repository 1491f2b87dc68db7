package io.pgcaretaker.cleanup.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.engine.TestWorker;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a foreign key {@code on delete set default} makes of a row can be what its table refuses. */
class DefaultValuesDbTest extends CleanupDbTest {

    private static final TestPolicy POLICY = TestPolicy.of("old-people", "people", "P7D");

    /** Twenty who are to go, and nobody (0), who stays. */
    @BeforeEach
    void makePeople() {
        database.execute("""
                create table people (id int primary key, team int not null default 1, at timestamptz, unique (team, id));
                create index on people (at, id);
                insert into people (id) values (0);
                insert into people (id, at) select n, now() - interval '30 days' from generate_series(1, 20) as n;
                """);
    }

    private void makeNotes(String columns) {
        database.execute("create table notes (id int, team int default 1, " + columns + ";"
                + " create index on notes (owner); create index on notes (team, owner);"
                + " insert into notes (id, team, owner) select n, 1, n from generate_series(1, 20) as n; analyze");
    }

    private TestWorker worker() {
        return new TestWorker(database, POLICY.settings());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            owner int not null references people on delete set default)                   | set to its default, which is null and which its column
            owner int references people on delete set default check (owner is not null))  | set to its default, which the constraint notes_owner_check does not
            owner int default 0 references people on delete set default check (owner > 0)) | set to its default, which the constraint notes_owner_check does not
            owner int unique default 0 references people on delete set default)           | set to its default, which by the unique index notes_owner_key only one row
            owner int default 0 references people on delete set default) partition by range (owner); create table notes_1 partition of notes for values from (1) to (99) | set to its default, for which it has no partition
            owner int, foreign key (team, owner) references people (team, id) match full on delete set default) | is match full, and only [owner] of it is set to null
            """)
    void aKeyThatIsSetToWhatNoRowCanHaveIsBlocked(String columns, String reason) {
        makeNotes(columns);

        assertThat(worker().check("old-people").reasons())
                .singleElement()
                .asString()
                .startsWith("the foreign key notes_")
                .contains(reason);
    }

    @Test
    void soIsOneOfWhichAPartIsSet() {
        assumeThat(serverVersion()).isGreaterThanOrEqualTo(150_000);
        makeNotes("owner int, foreign key (team, owner) references people (team, id) match full"
                + " on delete set default (owner))");

        assertThat(worker().check("old-people").reasons())
                .singleElement()
                .asString()
                .contains("is match full, and only [owner] of it is set to null");
    }

    @Test
    void soIsNullWhereOnlyOneRowMayHaveIt() {
        assumeThat(serverVersion()).isGreaterThanOrEqualTo(150_000);
        makeNotes("owner int references people on delete set null, unique nulls not distinct (owner))");

        assertThat(worker().check("old-people").reasons())
                .singleElement()
                .asString()
                .contains("is set to null, which by the unique index notes_owner_key only one row may have");
    }

    /** Domains and identities have another default than null. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            owner int references people on delete set default, unique (owner))
            owner int default 0 references people on delete set default check (owner >= 0))
            owner int default 0 references people on delete set default, unique (owner, id))
            owner int default 0, foreign key (team, owner) references people (team, id) match full on delete set default)
            owner whose not null references people on delete set default)
            """)
    void oneThatRowsCanHaveIsNot(String columns) throws Exception {
        database.execute("create domain whose as int default 0");
        makeNotes(columns);

        UUID id = worker().runNow("old-people");

        assertThat(run(id, "state || ' ' || rows_deleted || coalesce(stop_detail, '')"))
                .isEqualTo("completed 20");
    }

    /** What nobody can tell before is told where it is met. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            owner int default abs(-5000) references people on delete set default)           | SQL state 23503, table notes, constraint notes_owner_fkey; a row that stays refers to one that was to go
            owner int default 0 references people on delete set default, unique (team, owner)) | SQL state 23505, table notes, constraint notes_team_owner_key; a row as the policy leaves it
            """)
    void aRowThatIsRefusedIsToldWithWhatToDo(String columns, String detail) throws Exception {
        makeNotes(columns);

        UUID id = worker().runNow("old-people");

        assertThat(run(id, "state || ' ' || stop_detail")).startsWith("failed cleanup.batch: " + detail);
    }
}
