package io.pgcaretaker.cleanup.hold;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cleanup.catalogue.RowKey;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Holds on rows that a policy of a worker names, placed as the service places them. */
final class TestHolds {

    private final TestWorker worker;
    private final Holds holds;

    TestHolds(TestWorker worker) {
        this.worker = worker;
        holds = new Holds(worker.transactions);
    }

    /** The key as JSON. */
    UUID hold(String policy, String key) throws JsonProcessingException {
        return ((Holds.Outcome.Placed) place(policy, key)).hold();
    }

    Holds.Outcome place(String policy, String key) throws JsonProcessingException {
        RetentionPolicy found = worker.policy(policy);
        Table table = table(policy);
        List<String> columns = found.key().isEmpty() ? table.primaryKey() : found.key();
        return holds.place(
                table,
                table.subjectColumns(columns),
                RowKey.read(columns, new ObjectMapper().readTree(key)).orElseThrow(),
                new Holds.Cause(policy, "C-1", "court", "test"));
    }

    boolean release(UUID hold) {
        return holds.release(hold, "test");
    }

    /** What is in the way of a guard on the policy's table. */
    Optional<String> guard(String policy) {
        Table table = table(policy);
        List<String> key = worker.policy(policy).key();
        return new HoldGuard(worker.transactions).ensure(table, table.subjectColumns(key));
    }

    private Table table(String policy) {
        return worker.preflight().table(worker.policy(policy)).orElseThrow();
    }
}
