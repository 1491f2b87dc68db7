package io.pgcaretaker.monitoring;

import io.pgcaretaker.testing.DatabaseResource;
import io.pgcaretaker.testing.RouteAccessContract;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.Map;
import java.util.Set;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class RouteAccessDbTest extends RouteAccessContract {

    private static final Set<String> PUBLIC = Set.of("public");

    @TestHTTPResource("/")
    URI base;

    @TestHTTPResource(value = "/", management = true)
    URI management;

    @Override
    protected Map<String, Set<String>> expectedRoles() {
        return Map.ofEntries(Map.entry("GET /api/monitoring/health", PUBLIC));
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
