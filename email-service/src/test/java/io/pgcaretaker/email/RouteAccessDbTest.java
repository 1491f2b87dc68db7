package io.pgcaretaker.email;

import io.pgcaretaker.testing.DatabaseResource;
import io.pgcaretaker.testing.MailServerResource;
import io.pgcaretaker.testing.RouteAccessContract;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.Map;
import java.util.Set;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
@QuarkusTestResource(MailServerResource.class)
class RouteAccessDbTest extends RouteAccessContract {

    @TestHTTPResource("/")
    URI base;

    @TestHTTPResource(value = "/", management = true)
    URI management;

    @Override
    protected Map<String, Set<String>> expectedRoles() {
        return Map.of("GET /api/email/status", Set.of("viewer", "operator"));
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
