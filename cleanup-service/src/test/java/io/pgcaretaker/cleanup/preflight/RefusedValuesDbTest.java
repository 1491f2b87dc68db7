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

/** What a mask, or a foreign key on delete set null, leaves in a row can be what its table refuses. */
class RefusedValuesDbTest extends CleanupDbTest {

    private static final TestPolicy POLICY = TestPolicy.of("old-notes", "notes", "P7D");

    @BeforeEach
    void makeNotes() {
        database.execute("create table notes (id bigint primary key, at timestamptz, name text, mail text, kind text,"
                + " doc jsonb); create index on notes (at, id)");
        database.execute(
                "insert into notes select n, now() - interval '9 days', 'name ' || n, n || '@example.com', 'a',"
                        + " '{}' from generate_series(1, 10) as n; analyze notes");
    }

    private TestWorker masking(String masks) {
        return new TestWorker(
                database, POLICY.with("action", "anonymise").with("mask", masks).settings());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            name <> 'gone'                        | [ { column: name, with: constant, value: gone } ]
            name is not null                      | [ { column: name, with: null } ]
            name is not null or mail is not null  | [ { column: name, with: null }, { column: mail, with: null } ]
            name not like '%s'                    | [ { column: name, with: constant, value: gones } ]
            mail like '%@%'                       | [ { column: mail, with: hmac } ]
            mail like '%@example.com'             | [ { column: mail, with: random-address } ]
            """)
    void aMaskThatNoRowCanHaveIsBlocked(String check, String masks) {
        database.execute("alter table notes add constraint \"no such note\" check (" + check + ")");

        assertThat(masking(masks).check("old-notes").reasons())
                .singleElement()
                .asString()
                .startsWith("the constraint no such note of public.notes does not take what the mask makes of its");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            name is not null                      | [ { column: name, with: hmac } ]
            name <> 'gone' or kind = 'a'          | [ { column: name, with: constant, value: gone } ]
            (name is null) = (mail is null)       | [ { column: name, with: hmac }, { column: mail, with: random-address } ]
            length(name) < 9                      | [ { column: name, with: null } ]
            doc ? 'a' or doc is null or true      | [ { column: doc, with: null } ]
            """)
    void oneThatSomeRowCanHaveIsNot(String check, String masks) throws Exception {
        database.execute("alter table notes add check (" + check + ")");
        TestWorker masking = masking(masks);

        assertThat(masking.check("old-notes").reasons()).isEmpty();
        assertThat(run(masking.runNow("old-notes"), "state || ' ' || rows_deleted"))
                .isEqualTo("completed 10");
    }

    /** What PostgreSQL makes of masked columns alone is known as well. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            stored, add check (made <> 'GONEa')         | [ { column: name, with: constant, value: gone }, { column: mail, with: constant, value: a } ]
            stored not null                             | [ { column: name, with: null } ]
            virtual, add check (made <> 'GONEa')        | [ { column: name, with: constant, value: gone }, { column: mail, with: constant, value: a } ]
            virtual not null                            | [ { column: name, with: null }, { column: mail, with: null } ]
            """)
    void norAValueThatIsMadeOfIt(String kind, String masks) {
        assumeThat(kind.startsWith("stored") || serverVersion() >= 180_000).isTrue();
        boolean both = masks.contains("mail");
        database.execute("alter table notes add made text generated always as (upper(name)" + (both ? " || mail" : "")
                + ") " + kind);

        assertThat(masking(masks).check("old-notes").reasons())
                .singleElement()
                .asString()
                .contains(" of public.notes does not take what the mask makes of its columns");
        assertThat(masking("[ { column: mail, with: constant, value: b } ]")
                        .check("old-notes")
                        .reasons())
                .isEmpty();
    }

    @Test
    void aColumnThatAForeignKeyIsMadeOfIsNotMasked() {
        database.execute("create table names (name text primary key); insert into names select upper(name) from notes;"
                + " alter table notes add made text generated always as (upper(name)) stored references names");

        assertThat(masking("[ { column: name, with: constant, value: gone } ]")
                        .check("old-notes")
                        .reasons())
                .containsExactly("column 'name' of public.notes is part of a foreign key, or one is made from it, and"
                        + " cannot be masked");
    }

    /** It may be slow, may not be ours to call, or may do more than to look. */
    @Test
    void aFunctionOfTheApplicationsIsNotAskedBefore() {
        database.execute("create function known(text) returns boolean language plpgsql as"
                + " $$ begin raise exception 'asked'; end $$; alter table notes add check (known(name)) not valid");

        assertThat(masking("[ { column: name, with: constant, value: gone } ]")
                        .check("old-notes")
                        .reasons())
                .isEmpty();
    }

    private void makeMarks(String columns) {
        database.execute("create table marks (id bigint, note bigint references notes on delete set null" + columns);
    }

    private Readiness check() {
        return new TestWorker(database, POLICY.settings()).check("old-notes");
    }

    @Test
    void aKeyThatIsSetToWhatACheckRefusesIsBlocked() {
        makeMarks(", constraint known check (note is not null)); create index on marks (note)");

        assertThat(check().reasons())
                .singleElement()
                .asString()
                .startsWith(
                        "the foreign key marks_note_fkey of public.marks is set to null, which the constraint known");
        database.execute("alter table marks drop constraint known, add check (note is not null or id > 0)");
        assertThat(check()).isInstanceOf(Readiness.Armed.class);
    }

    @Test
    void aKeyThatIsSetToWhatNoPartitionTakesIsBlocked() {
        makeMarks(") partition by list (note); create table marks_1 partition of marks for values in (1, 2, 3);"
                + " create index on marks (note)");

        assertThat(check().reasons())
                .singleElement()
                .asString()
                .startsWith("the foreign key marks_note_fkey of public.marks is set to null, for which it has no");
        database.execute("create table marks_0 partition of marks for values in (null)");
        assertThat(check()).isInstanceOf(Readiness.Armed.class);
        database.execute("drop table marks_0; create table marks_else partition of marks default");
        assertThat(check()).isInstanceOf(Readiness.Armed.class);
    }

    /** What nobody can tell before is told where it is met. */
    @Test
    void aRowThatIsRefusedIsToldByTheConstraint() throws Exception {
        database.execute("alter table notes add constraint few check (name <> 'gone' or id < 9)");

        UUID id = masking("[ { column: name, with: constant, value: gone } ]").runNow("old-notes");

        assertThat(run(id, "state || ' ' || stop_reason || ': ' || stop_detail"))
                .isEqualTo(
                        "failed database-error: cleanup.batch: SQL state 23514, table notes, constraint few; a row as"
                                + " the policy leaves it, masked or with a foreign key set to null or default, is not allowed there:"
                                + " change the policy, the key or the constraint");
    }
}
