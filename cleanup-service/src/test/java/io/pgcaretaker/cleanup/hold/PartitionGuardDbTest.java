package io.pgcaretaker.cleanup.hold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.engine.TestWorker;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A table's triggers for a truncate do not fire where one of its partitions is truncated. */
class PartitionGuardDbTest extends CleanupDbTest {

    private TestWorker worker;
    private TestHolds holds;

    @BeforeEach
    void makeNotes() {
        database.execute("create table notes (id bigint primary key, at timestamptz) partition by range (id);"
                + " create table notes_0 partition of notes for values from (0) to (10);"
                + " create table \"Notes 1\" partition of notes for values from (10) to (20) partition by range (id);"
                + " create table notes_1a partition of \"Notes 1\" for values from (10) to (20);"
                + " insert into notes select n, now() - interval '9 days' from generate_series(1, 19) as n;"
                + " create index on notes (at, id)");
        worker = new TestWorker(database, TestPolicy.of("notes", "notes", "P1D").settings());
        holds = new TestHolds(worker);
    }

    @ParameterizedTest
    @ValueSource(strings = {"notes", "notes_0", "\"Notes 1\"", "notes_1a"})
    void noPartitionOfATableWithHeldRowsIsTruncated(String table) throws Exception {
        holds.hold("notes", "14");

        assertThat(holds.guard("notes")).isEmpty();

        assertThatThrownBy(() -> database.execute("truncate " + table))
                .rootCause()
                .hasMessageContaining("under a legal hold");
        assertThat(run(worker.runNow("notes"), "state || ' ' || rows_deleted")).isEqualTo("completed 18");
    }

    /** It applies a truncate to the partition that it is of, whose trigger is the partition's own. */
    @ParameterizedTest
    @ValueSource(strings = {"notes", "notes_0", "\"Notes 1\"", "notes_1a"})
    void aSubscriptionPassesNoPartitionsGuardBy(String table) throws Exception {
        database.execute("create publication notes for table notes");
        database.execute("create subscription notes connection 'host=localhost user=postgres password=postgres port="
                + database.queryLong("select current_setting('port')::int") + " dbname="
                + text("select current_database()") + "' publication notes with (create_slot = false, slot_name = none,"
                + " enabled = false, copy_data = false)");
        holds.hold("notes", "14");

        database.execute(holds.guard("notes").orElseThrow());

        assertThat(holds.guard("notes")).isEmpty();
        assertThatThrownBy(() -> database.execute("set session_replication_role = replica; truncate " + table))
                .rootCause()
                .hasMessageContaining("under a legal hold");
        database.execute("drop subscription notes");
    }

    @Test
    void aPartitionThatCameLaterIsGuardedByTheNextHold() throws Exception {
        UUID first = holds.hold("notes", "4");
        assertThat(holds.guard("notes")).isEmpty();
        database.execute("create table notes_2 partition of notes for values from (20) to (30);"
                + " insert into notes values (25, now())");
        holds.hold("notes", "25");

        assertThat(holds.guard("notes")).isEmpty();

        assertThatThrownBy(() -> database.execute("truncate notes_2"))
                .rootCause()
                .hasMessageContaining("under a legal hold");
        holds.release(first);
        assertThatThrownBy(() -> database.execute("truncate notes_0"))
                .as("which of its partitions a held row is in, nobody looks up")
                .rootCause()
                .hasMessageContaining("under a legal hold");
    }
}
