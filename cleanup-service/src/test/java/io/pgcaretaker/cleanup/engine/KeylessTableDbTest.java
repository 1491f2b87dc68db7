package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.run.Claimed;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two policies on a table without a primary key, each by a unique key of its own. */
class KeylessTableDbTest extends CleanupDbTest {

    private TestWorker worker;

    @BeforeEach
    void make() {
        database.execute("""
                create table notes (code bigint not null unique, number bigint not null unique, at timestamptz);
                create index notes_at on notes (at);
                insert into notes select n, n + 100, now() - interval '9 days' from generate_series(1, 50) as n;
                analyze notes
                """);
        worker = new TestWorker(
                database,
                TestPolicy.settings(
                        Map.of(),
                        TestPolicy.of("by-code", "notes", "P7D").with("key", "[ code ]"),
                        TestPolicy.of("by-number", "notes", "P7D").with("key", "[ number ]")));
    }

    @Test
    void aRowThatIsHeldByOneKeyStaysForThePolicyThatGoesByTheOther() throws Exception {
        hold("by-code", "notes", "[\"7\"]");

        UUID blocked = worker.runNow("by-number");
        UUID own = worker.runNow("by-code");

        assertThat(text("select coalesce(string_agg(code::text, ' '), 'none') from notes"))
                .isEqualTo("7");
        assertThat(run(own, "state || ' ' || rows_deleted")).isEqualTo("completed 49");
        assertThat(run(blocked, "state || ' ' || rows_deleted || ' ' || stop_detail"))
                .isEqualTo(
                        "refused 0 rows of public.notes are held through the policy by-code, and without a primary key"
                                + " they cannot be told by the key of this one; give the table a primary key and place the holds"
                                + " anew, or release them");
    }

    /** Nothing looks at the holds again when the run has begun, but each batch. */
    @Test
    void aHoldThatComesAmidTheRunKeepsAllOfThem() throws Exception {
        UUID id = worker.begin("by-number");
        Claimed claimed = worker.claim(Duration.ofMinutes(1)).orElseThrow();
        database.execute("create function hold() returns trigger language plpgsql as $$ begin "
                + holding("by-code", "notes", "[\"7\"]").replace("\n", " ")
                + "; return new; end $$");
        database.execute("create trigger hold after update of breaker_passed_at on caretaker.cleanup_run"
                + " for each row when (old.breaker_passed_at is null) execute function hold()");

        worker.engine().execute(claimed);

        assertThat(run(id, "rows_matched || ' ' || rows_deleted")).isEqualTo("50 0");
        assertThat(database.queryLong("select count(*) from notes")).isEqualTo(50);
    }
}
