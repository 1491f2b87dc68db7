package io.pgcaretaker.monitoring;

import io.pgcaretaker.testing.PackagedService;
import io.pgcaretaker.testing.RouteAccessContract;
import io.pgcaretaker.testing.ServiceTest;
import java.util.Map;
import java.util.Set;

@ServiceTest(ConflictingEmailService.class)
class RouteAccessIT extends RouteAccessContract {

    private static final Set<String> PUBLIC = Set.of("public");
    private static final Set<String> READERS = Set.of("viewer", "operator");
    private static final Set<String> OPERATORS = Set.of("operator");

    PackagedService service;

    @Override
    protected Map<String, Set<String>> expectedRoles() {
        return Map.ofEntries(
                Map.entry("GET /api/monitoring/health", PUBLIC),
                Map.entry("GET /api/monitoring/database/actions", READERS),
                Map.entry("GET /api/monitoring/database/connections", READERS),
                Map.entry("GET /api/monitoring/database/growth", READERS),
                Map.entry("GET /api/monitoring/database/indexes", READERS),
                Map.entry("GET /api/monitoring/database/latency", READERS),
                Map.entry("GET /api/monitoring/database/locks", READERS),
                Map.entry("GET /api/monitoring/database/overview", READERS),
                Map.entry("GET /api/monitoring/database/queries", READERS),
                Map.entry("GET /api/monitoring/database/queries/history", READERS),
                Map.entry("GET /api/monitoring/database/queries/{queryId}/history", READERS),
                Map.entry("GET /api/monitoring/database/replication", READERS),
                Map.entry("GET /api/monitoring/database/schema", READERS),
                Map.entry("POST /api/monitoring/database/sessions/{pid}/cancel", OPERATORS),
                Map.entry("POST /api/monitoring/database/sessions/{pid}/terminate", OPERATORS),
                Map.entry("GET /api/monitoring/database/tables", READERS),
                Map.entry("GET /api/monitoring/metrics", READERS),
                Map.entry("GET /api/monitoring/checks", READERS),
                Map.entry("GET /api/monitoring/findings", READERS),
                Map.entry("POST /api/monitoring/findings/{id}/acknowledge", OPERATORS),
                Map.entry("GET /api/monitoring/incidents", READERS),
                Map.entry("GET /api/monitoring/incidents/{id}", READERS),
                Map.entry("POST /api/monitoring/incidents/{id}/acknowledge", OPERATORS),
                Map.entry("GET /api/monitoring/report", READERS),
                Map.entry("GET /api/monitoring/services", READERS),
                Map.entry("GET /api/monitoring/silences", READERS),
                Map.entry("POST /api/monitoring/silences", OPERATORS),
                Map.entry("DELETE /api/monitoring/silences/{id}", OPERATORS),
                Map.entry("GET /api/monitoring/security", READERS),
                Map.entry("POST /api/monitoring/security/events", Set.of("reporter")),
                Map.entry("GET /api/monitoring/security/audit", READERS),
                Map.entry("POST /api/monitoring/security/audit", OPERATORS));
    }

    @Override
    protected PackagedService service() {
        return service;
    }
}
