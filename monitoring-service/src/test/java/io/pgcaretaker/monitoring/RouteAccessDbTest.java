package io.pgcaretaker.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.testing.DatabaseResource;
import io.pgcaretaker.testing.RouteAccessContract;
import io.quarkus.arc.ArcUndeclaredThrowableException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.persistence.PersistenceException;
import java.net.URI;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import org.hibernate.QueryTimeoutException;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class RouteAccessDbTest extends RouteAccessContract {

    private static final Set<String> PUBLIC = Set.of("public");
    private static final Set<String> READERS = Set.of("viewer", "operator");
    private static final Set<String> OPERATORS = Set.of("operator");

    @Test
    void databaseThatIsTooSlowForHibernateIsAwayAndNoFaultOfOurs() {
        QueryTimeoutException slow = new QueryTimeoutException("slow", new SQLException("canceled", "57014"), "select");

        assertThat(new DatabaseAway().failed(new PersistenceException(slow)).getStatus())
                .isEqualTo(503);
        assertThat(new DatabaseAway().failed(slow).getStatus()).isEqualTo(503);
        assertThat(new DatabaseAway()
                        .failed(new SQLException("a standby", "25006"))
                        .getStatus())
                .isEqualTo(503);
        assertThat(new DatabaseAway()
                        .failed(new ArcUndeclaredThrowableException(
                                "end", new IllegalStateException(new SQLException("wrong", "22021"))))
                        .getStatus())
                .isEqualTo(500);
    }

    @TestHTTPResource("/")
    URI base;

    @TestHTTPResource(value = "/", management = true)
    URI management;

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
                Map.entry("GET /api/monitoring/silences", READERS),
                Map.entry("POST /api/monitoring/silences", OPERATORS),
                Map.entry("DELETE /api/monitoring/silences/{id}", OPERATORS),
                Map.entry("GET /api/monitoring/security", READERS),
                Map.entry("POST /api/monitoring/security/events", Set.of("reporter")),
                Map.entry("GET /api/monitoring/security/audit", READERS),
                Map.entry("POST /api/monitoring/security/audit", OPERATORS));
    }

    @Override
    protected URI baseUrl() {
        return base;
    }

    @Override
    protected URI managementUrl() {
        return management;
    }
}
