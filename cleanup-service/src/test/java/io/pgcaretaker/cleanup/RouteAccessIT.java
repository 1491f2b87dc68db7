package io.pgcaretaker.cleanup;

import io.pgcaretaker.testing.PackagedService;
import io.pgcaretaker.testing.RouteAccessContract;
import io.pgcaretaker.testing.ServiceTest;
import java.util.Map;
import java.util.Set;

@ServiceTest(Enforcing.class)
class RouteAccessIT extends RouteAccessContract {

    private static final Set<String> READERS = Set.of("viewer", "operator");
    private static final Set<String> OPERATORS = Set.of("operator");

    PackagedService service;

    @Override
    protected Map<String, Set<String>> expectedRoles() {
        return Map.ofEntries(
                Map.entry("GET /api/cleanup/status", READERS),
                Map.entry("GET /api/cleanup/policies", READERS),
                Map.entry("GET /api/cleanup/policies/{name}", READERS),
                Map.entry("POST /api/cleanup/policies/{name}/plan", OPERATORS),
                Map.entry("POST /api/cleanup/policies/{name}/runs", OPERATORS),
                Map.entry("POST /api/cleanup/policies/{name}/restore", OPERATORS),
                Map.entry("GET /api/cleanup/policies/{name}/notices", READERS),
                Map.entry("GET /api/cleanup/policies/{name}/notices/undeliverable", OPERATORS),
                Map.entry("POST /api/cleanup/policies/{name}/notices/retry", OPERATORS),
                Map.entry("GET /api/cleanup/restore/{token}", Set.of("public")),
                Map.entry("POST /api/cleanup/restore/{token}", Set.of("public")),
                Map.entry("GET /api/cleanup/runs", READERS),
                Map.entry("GET /api/cleanup/runs/{id}", READERS),
                Map.entry("POST /api/cleanup/runs/{id}/pause", OPERATORS),
                Map.entry("POST /api/cleanup/runs/{id}/resume", OPERATORS),
                Map.entry("POST /api/cleanup/runs/{id}/cancel", OPERATORS),
                Map.entry("POST /api/cleanup/runs/{id}/approve", OPERATORS),
                Map.entry("GET /api/cleanup/ledger", READERS),
                Map.entry("GET /api/cleanup/ledger/verify", READERS),
                Map.entry("GET /api/cleanup/ledger/erasures", OPERATORS),
                Map.entry("POST /api/cleanup/ledger/replay", OPERATORS),
                Map.entry("GET /api/cleanup/archives", READERS),
                Map.entry("GET /api/cleanup/archives/missing", READERS),
                Map.entry("POST /api/cleanup/archives/{file}/restore", OPERATORS),
                Map.entry("GET /api/cleanup/runs/{id}/progress", READERS),
                Map.entry("POST /api/cleanup/vacuum", OPERATORS),
                Map.entry("GET /api/cleanup/switch", READERS),
                Map.entry("POST /api/cleanup/switch/stop", OPERATORS),
                Map.entry("POST /api/cleanup/switch/release", OPERATORS),
                Map.entry("GET /api/cleanup/holds", READERS),
                Map.entry("POST /api/cleanup/holds", OPERATORS),
                Map.entry("POST /api/cleanup/holds/{id}/release", OPERATORS));
    }

    @Override
    protected PackagedService service() {
        return service;
    }
}
