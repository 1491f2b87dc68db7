package io.pgcaretaker.cleanup.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.engine.TestWorker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A policy of the operator's own, on a table that is as it is. */
class OwnPolicyPreflightDbTest extends CleanupDbTest {

    /** One policy that PostgreSQL does not plan is blocked; the others, the start and the list of policies go on. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            filter: [ { column: n, in: [abc] } ]                                                     | cannot be one of its column's type
            filter: [ { column: mood, in: [sad] } ]                                                  | cannot be one of its column's type
            filter: [ { column: doc, in: ['{}'] } ]                                                  | has a type that cannot be compared
            action: anonymise; mask: [ { column: n, with: constant, value: abc } ]                   | cannot be one of its column's type
            action: anonymise; mask: [ { column: mail, with: constant, value: abc } ]                | cannot be one of its column's type
            action: anonymise; mask: [ { column: name, with: constant, value: abc } ]                | is in a unique index, and this mask makes rows equal
            filter: [ { column: at, in: [ NOW ] } ]                                                  | filter.in of column 'at' of public.notes names a time that moves
            filter: [ { column: day, in: [ '2020-01-01', ' tomorrow 12:00' ] } ]                     | filter.in of column 'day' of public.notes names a time that moves
            action: anonymise; mask: [ { column: day, with: constant, value: today } ]               | mask.value of column 'day' of public.notes names a time that moves
            action: anonymise; mask: [ { column: code, with: constant, value: removed } ]            | is too short for this mask: the value has 7 characters
            action: anonymise; mask: [ { column: flag, with: constant, value: removed } ]            | is too short for this mask: the value has 7 characters
            key: [ place ]                                                                           | no unique index over exactly
            key: [ tags ]                                                                            | is an array
            """)
    void aPolicyThatPostgresqlRefusesIsBlocked(String line, String sentence) throws Exception {
        database.execute(
                "create type mood as enum ('glad', 'now'); create domain moment as timestamp; create domain mail as text check (value like '%@%'); create table notes (id bigint primary key, at timestamptz,"
                        + " n int, mood mood, doc json, code varchar(5), flag character(1), day moment, place point, mail mail, name text, lower_name text generated always as (lower(name)) stored unique, tags text[] not null unique); create index on notes (at, id)");

        Readiness readiness = checkOwn("notes", line.split("; "));

        assertThat(readiness).isInstanceOf(Readiness.Blocked.class);
        assertThat(readiness.reasons().toString()).contains(sentence).doesNotContain("abc", "sad");
    }

    /** It was not applicable, and nobody was told that its rows stay. */
    @Test
    void aSchemaInTheNameOfTheTableIsNamed() throws Exception {
        database.execute("create table notes (id bigint primary key, at timestamptz); create index on notes (at, id)");

        Readiness readiness = checkOwn("public.notes");

        assertThat(readiness).isInstanceOf(Readiness.Blocked.class);
        assertThat(readiness.reasons()).singleElement().asString().contains("write schema: public and table: notes");
        assertThat(checkOwn("else.notes")).isInstanceOf(Readiness.NotApplicable.class);
        database.execute("create table \"public.notes\" (id bigint primary key, at timestamptz);"
                + " create index on \"public.notes\" (at, id)");
        assertThat(checkOwn("public.notes")).isInstanceOf(Readiness.Armed.class);
    }

    /** Each run would fail at the second row. */
    @Test
    void whatOnlyOneRowCanHaveIsNoMask() throws Exception {
        assumeThat(serverVersion()).isGreaterThanOrEqualTo(150_000);
        database.execute("create table notes (id bigint primary key, at timestamptz, name text,"
                + " unique nulls not distinct (name)); create index on notes (at, id)");

        assertThat(checkOwn("notes", "action: anonymise", "mask: [ { column: name, with: null } ]")
                        .reasons())
                .singleElement()
                .asString()
                .contains("column 'name' of public.notes is in a unique index in which null is a value like any other");
    }

    /** Rows that were there before may have none. */
    @Test
    void aKeyThatWasNotLookedAtIsNone() throws Exception {
        assumeThat(serverVersion()).isGreaterThanOrEqualTo(180_000);
        database.execute(
                "create table notes (name text unique, at timestamptz); create index on notes (at, name);"
                        + " insert into notes values (null, now()); alter table notes add constraint named not null name not valid");
        assertThat(checkOwn("notes", "key: [name]").reasons().toString()).contains("no unique index over exactly");

        database.execute("delete from notes; alter table notes validate constraint named");

        assertThat(checkOwn("notes", "key: [name]")).isInstanceOf(Readiness.Armed.class);
    }

    /** Only of a time it is one. */
    @Test
    void aTextMayBeNow() throws Exception {
        database.execute(
                "create type mood as enum ('glad', 'now'); create table notes (id bigint primary key, at timestamptz,"
                        + " mood mood, code varchar(7)); create index on notes (at, id)");

        assertThat(checkOwn("notes", "filter: [ { column: mood, in: [now] }, { column: code, in: [today] } ]"))
                .isInstanceOf(Readiness.Armed.class);
        assertThat(checkOwn("notes", "action: anonymise", "mask: [ { column: code, with: constant, value: removed } ]"))
                .isInstanceOf(Readiness.Armed.class);
    }

    private Readiness checkOwn(String table, String... lines) {
        TestPolicy policy = TestPolicy.of("own", table, "P1D");
        for (String line : lines) {
            policy = policy.with(line.substring(0, line.indexOf(": ")), line.substring(line.indexOf(": ") + 2));
        }
        return new TestWorker(database, policy.settings()).check("own");
    }

    @Test
    void aRuleOnUpdateKeepsRowsFromBeingMasked() throws Exception {
        database.execute("create table notes (id bigint primary key, at timestamptz, n int);"
                + " create index on notes (at, id); create rule r as on update to notes do instead nothing");

        assertThat(checkOwn("notes", "action: anonymise", "mask: [ { column: n, with: null } ]")
                        .reasons()
                        .toString())
                .contains("has a rule on update");
        assertThat(checkOwn("notes", "action: delete")).isInstanceOf(Readiness.Armed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"legal_hold", "cleanup_ledger", "email"})
    void whatCaretakerKeepsIsNoPolicys(String table) throws Exception {
        Readiness readiness = checkOwn(table, "schema: caretaker");

        assertThat(readiness.reasons()).singleElement().asString().contains("is Caretaker's own");
    }
}
