package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.pgcaretaker.cleanup.Caller;
import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Somebody sets the kill switch amid a replay. */
class StoppedReplayDbTest extends CleanupDbTest {

    @Test
    void itSaysWhatWasThereAndWhatHasGone() throws Exception {
        database.execute("create table letters (id bigint primary key, at timestamptz);"
                + " insert into letters select n, now() - interval '9 days' from generate_series(1, 250) as n;"
                + " create index on letters (at, id); create table backup as select * from letters; analyze letters;"
                + " create function stop() returns trigger language plpgsql as $$ begin"
                + "   if (select count(*) from letters) between 100 and 200 then"
                + "     update caretaker.cleanup_switch set stopped = true; end if; return null; end $$");
        TestWorker worker = new TestWorker(
                database,
                TestPolicy.of("old-letters", "letters", "P1D")
                        .with("remember-keys", "true")
                        .with("triggers", "[stop]")
                        .settings(Map.of("ledger-key", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")));
        worker.runNow("old-letters");
        assertThat(database.queryLong("select count(*) from letters")).isZero();
        database.execute("insert into letters select id, now() from backup;"
                + " create trigger stop after delete on letters for each statement execute function stop()");
        ReplayResource resource =
                new ReplayResource(worker.policies, worker.transactions, worker.replay(), worker.settings());

        ReplayResource.Answer answer =
                resource.replay(new ReplayResource.Request(null, null, null, Instant.EPOCH, null), Caller.OPERATOR);

        JsonNode replay = new ObjectMapper()
                .registerModule(new JavaTimeModule())
                .valueToTree(answer)
                .at("/replays/1");
        long gone = 250 - database.queryLong("select count(*) from letters");
        assertThat(gone).isBetween(50L, 200L);
        assertThat(replay.path("refused").asText()).startsWith("stopped after " + gone + " rows");
        assertThat(replay.path("matched").asLong()).isEqualTo(250);
        assertThat(replay.path("deleted").asLong()).isEqualTo(gone);
        UUID run = UUID.fromString(replay.path("run").asText());
        assertThat(run(run, "state || ' ' || rows_deleted")).isEqualTo("cancelled " + gone);
    }
}
