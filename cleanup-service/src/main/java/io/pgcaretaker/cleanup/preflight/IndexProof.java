package io.pgcaretaker.cleanup.preflight;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cleanup.catalogue.IndexRepository;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Statements;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

/** Asks the planner whether indexes that begin with the age column serve the pick; sequential scans count as no. */
final class IndexProof {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Beyond every partition's bound: of a partitioned table all partitions must be in the plan. */
    private static final Instant LATE = Instant.parse("9999-01-01T00:00:00Z");

    private final Session session;
    private final IndexRepository indexes;

    IndexProof(Session session, IndexRepository indexes) {
        this.session = session;
        this.indexes = indexes;
    }

    boolean isServed(ArmedPolicy armed) throws SQLException {
        // Holds are no matter of this index, and to plan the look for them by very many foreign keys takes seconds.
        Sql pick = new Statements(armed, armed.isPartitioned() ? LATE : Instant.EPOCH)
                .whereHeld(List.of())
                .pick(null, 100, Statements.Locking.SKIP);
        session.query(Sql.of("""
                        /* caretaker.cleanup.explain-settings */
                        select set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)
                        """), row -> true);
        String plan = String.join(
                "\n",
                session.query(new Sql("explain (format json) " + pick.text(), pick.values()), row -> row.getString(1)));
        List<String> serving = indexes.indexesOn(
                session, armed.table().oid(), armed.policy().age().column());
        try {
            return scans(JSON.readTree(plan), serving, 0) > 0;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("explain gave no JSON", e);
        }
    }

    /** How many scans of {@code t} there are; as none when one of them is not by a serving index. */
    private static int scans(JsonNode node, List<String> serving, int before) {
        int found = before;
        String alias = node.path("Alias").asText();
        if (node.has("Relation Name") && (alias.equals("t") || alias.startsWith("t_"))) {
            found = serving.contains(node.path("Index Name").asText()) && found >= 0 ? found + 1 : Integer.MIN_VALUE;
        }
        for (JsonNode child : node) {
            found = scans(child, serving, found);
        }
        return found;
    }
}
