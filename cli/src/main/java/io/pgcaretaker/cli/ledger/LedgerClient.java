package io.pgcaretaker.cli.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgcaretaker.cli.cleanup.CleanupClient;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** cleanup-service's ledger over REST. */
final class LedgerClient {

    private final CleanupClient service;

    LedgerClient(CleanupClient service) {
        this.service = service;
    }

    JsonNode verify() throws InterruptedException {
        return service.get("/api/cleanup/ledger/verify", "viewer", "intact");
    }

    /** One page of digests after the one of that id. */
    JsonNode erasures(long after) throws InterruptedException {
        return service.get("/api/cleanup/ledger/erasures?after=" + after, "operator", "erasures");
    }

    /**
     * Erases again; by the service's own ledger where {@code erased} is null. The key's id is empty where nobody knows it. Of
     * digests that were made under another key the answer says why they are refused, as {@code otherKey}.
     */
    JsonNode replay(String keyId, @Nullable List<Digests.Erased> erased, Asked asked) throws InterruptedException {
        ObjectNode body = object().put("dryRun", asked.dryRun());
        if (!keyId.isEmpty()) {
            body.put("keyId", keyId);
        }
        Instant since = asked.since();
        if (since != null) {
            body.put("since", since.toString());
        }
        if (erased != null) {
            erased.stream().map(Digests.Erased::digest).forEach(body.putArray("digests")::add);
            if (erased.stream().noneMatch(one -> one.at().isEmpty())) {
                erased.stream().map(Digests.Erased::at).forEach(body.putArray("erasedAt")::add);
            }
        }
        CleanupClient.Answer answer = service.post("/api/cleanup/ledger/replay", body);
        return answer.status() == 409 && !keyId.isEmpty()
                ? object().put("otherKey", answer.detail())
                : service.read(answer, "operator", "replays");
    }

    /** What goes for all digests. */
    record Asked(boolean dryRun, @Nullable Instant since) {}

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
