package io.pgcaretaker.cli.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgcaretaker.cli.cleanup.CleanupClient;
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
     * Erases again; by the service's own ledger where {@code digests} is null. The key's id is empty where nobody knows it. Of
     * digests that were made under another key the answer says why they are refused, as {@code otherKey}.
     */
    JsonNode replay(String keyId, @Nullable List<String> digests, boolean dryRun) throws InterruptedException {
        ObjectNode body = object().put("dryRun", dryRun);
        if (!keyId.isEmpty()) {
            body.put("keyId", keyId);
        }
        if (digests != null) {
            digests.forEach(body.putArray("digests")::add);
        }
        CleanupClient.Answer answer = service.post("/api/cleanup/ledger/replay", body);
        return answer.status() == 409 && !keyId.isEmpty()
                ? object().put("otherKey", answer.detail())
                : service.read(answer, "operator", "replays");
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
