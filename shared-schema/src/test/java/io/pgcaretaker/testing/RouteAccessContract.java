package io.pgcaretaker.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Default deny, proven on every route of a service: the routes come from its own OpenAPI document, the expected roles
 * from the test, and neither may know a route that the other does not.
 */
public abstract class RouteAccessContract {

    private static final Map<String, String> KEYS = Map.of(
            "viewer", TestKeys.VIEWER,
            "operator", TestKeys.OPERATOR,
            "sender", TestKeys.SENDER,
            "reporter", TestKeys.REPORTER);

    /** A row of docs/api.md: the route, its roles, what it does. */
    private static final Pattern DOCUMENTED = Pattern.compile("\\| `([A-Z]+ /[^`]*)` \\| ([a-z, ]+) \\| .* \\|");

    private final HttpClient http = HttpClient.newHttpClient();

    /** Method and path template as OpenAPI says them ({@code "GET /emails/{id}"}), to the roles that may; "public". */
    protected abstract Map<String, Set<String>> expectedRoles();

    protected abstract PackagedService service();

    @Test
    void everyRouteIsKnownToThisTest() throws Exception {
        assertThat(routes()).isEqualTo(new TreeSet<>(expectedRoles().keySet()));
    }

    @Test
    void noKeyIsUnauthorized() throws Exception {
        assertThat(statusesThatDiffer(null, 401)).isEmpty();
    }

    @Test
    void wrongKeyIsUnauthorized() throws Exception {
        assertThat(statusesThatDiffer(TestKeys.UNKNOWN, 401)).isEmpty();
    }

    @Test
    void keyWithoutTheRoleIsForbiddenAndWithItIsNot() throws Exception {
        List<String> faults = new ArrayList<>();
        for (Map.Entry<String, Set<String>> route : expectedRoles().entrySet()) {
            for (Map.Entry<String, String> key : KEYS.entrySet()) {
                boolean allowed =
                        route.getValue().contains("public") || route.getValue().contains(key.getKey());
                int status = call(route.getKey(), key.getValue());
                boolean refused = status == 401 || status == 403;
                if (allowed == refused || (!allowed && status != 403)) {
                    faults.add(route.getKey() + " as " + key.getKey() + ": " + status);
                }
            }
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void probesAndDocumentsAreNotOnThePublicPort() throws Exception {
        for (String path : List.of("/q/health/live", "/q/metrics", "/q/openapi", "/metrics")) {
            assertThat(call("GET " + path, TestKeys.OPERATOR)).as(path).isEqualTo(404);
        }
    }

    @Test
    void aReadingRouteRefusesAMediaTypeItDoesNotSpeak() throws Exception {
        List<String> faults = new ArrayList<>();
        for (Map.Entry<String, Set<String>> route : expectedRoles().entrySet()) {
            if (!route.getKey().startsWith("GET ") || route.getKey().contains("{")) {
                continue;
            }
            String key = route.getValue().contains("public")
                    ? null
                    : KEYS.get(route.getValue().iterator().next());
            int status = call(route.getKey(), key, "text/csv");
            if (status != 406) {
                faults.add(route.getKey() + ": " + status);
            }
        }
        assertThat(faults).isEmpty();
    }

    /** docs/api.md has the same routes and roles, under a heading with the module's name. */
    @Test
    void theDocumentNamesEveryRouteWithItsRoles() throws Exception {
        Map<String, Set<String>> documented = new TreeMap<>();
        String module = Path.of("").toAbsolutePath().getFileName().toString();
        boolean inSection = false;
        for (String line : Files.readAllLines(Path.of("..", "docs", "api.md"))) {
            if (line.startsWith("## ")) {
                inSection = line.substring(3).strip().equals(module);
            }
            Matcher row = DOCUMENTED.matcher(line);
            if (inSection && row.matches()) {
                documented.put(row.group(1), Set.of(row.group(2).split(", ")));
            }
        }
        assertThat(documented).isEqualTo(new TreeMap<>(expectedRoles()));
    }

    /** What a client is made from: each status with the shape of its body, and what the key is. */
    @Test
    void theOpenApiDocumentNamesEveryAnswer() throws Exception {
        JsonNode document = openApi();
        List<String> faults = new ArrayList<>();
        for (Map.Entry<String, Set<String>> route : expectedRoles().entrySet()) {
            String[] parts = route.getKey().split(" ", 2);
            JsonNode said = document.path("paths").path(parts[1]).path(parts[0].toLowerCase(Locale.ROOT));
            List<String> keys = new ArrayList<>(KEYS.values());
            keys.add(TestKeys.UNKNOWN);
            for (String key : keys) {
                String status = String.valueOf(call(route.getKey(), key));
                JsonNode answer = said.path("responses").path(status);
                if (answer.isMissingNode()
                        || (status.charAt(0) == '4' && answer.path("content").isEmpty())) {
                    faults.add(route.getKey() + ": " + status + " with a body");
                }
            }
            said.path("security")
                    .forEach(scheme -> scheme.fieldNames().forEachRemaining(name -> {
                        if (!document.path("components").path("securitySchemes").has(name)) {
                            faults.add(route.getKey() + ": what " + name + " is");
                        }
                    }));
        }
        assertThat(faults).isEmpty();
    }

    /** Two records of one name are told apart by a number, which changes when another one comes: so do the classes of a client. */
    @Test
    void theOpenApiDocumentHasANameForEachShape() throws Exception {
        List<String> numbered = new ArrayList<>();
        openApi().at("/components/schemas").fieldNames().forEachRemaining(name -> {
            if (name.matches(".*\\d")) {
                numbered.add(name);
            }
        });
        assertThat(numbered).isEmpty();
    }

    /** What a client's methods are called; without one they are called after the path. */
    @Test
    void theOpenApiDocumentHasANameForEachOperation() throws Exception {
        List<String> names = openApi().path("paths").findValuesAsText("operationId");

        assertThat(names).doesNotHaveDuplicates().hasSameSizeAs(expectedRoles().keySet());
    }

    private List<String> statusesThatDiffer(String key, int expected) throws Exception {
        List<String> faults = new ArrayList<>();
        for (Map.Entry<String, Set<String>> route : expectedRoles().entrySet()) {
            if (route.getValue().contains("public")) {
                continue;
            }
            int status = call(route.getKey(), key);
            if (status != expected) {
                faults.add(route.getKey() + ": " + status);
            }
        }
        return faults;
    }

    /** Proxies do not look into it. */
    @Test
    void nobodyIsUpgradedToHttp2InClearText() throws Exception {
        HttpRequest asked = HttpRequest.newBuilder(service().base().resolve("/"))
                .version(HttpClient.Version.HTTP_2)
                .build();

        assertThat(http.send(asked, HttpResponse.BodyHandlers.discarding()).version())
                .isEqualTo(HttpClient.Version.HTTP_1_1);
    }

    /** It may be an address, or a link that is all one needs; and each other one is a series of its own. */
    @Test
    void noMetricHasWhatStoodInAPath() throws Exception {
        String value = "someones-Link-0";
        for (String route : expectedRoles().keySet()) {
            String path = route.split(" ", 2)[1].replaceAll("\\{[^}]+}", value);
            for (String method : List.of("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD")) {
                for (String place : List.of(path, path + "/more", path + "?" + value)) {
                    http.send(
                            HttpRequest.newBuilder(service().base().resolve(place))
                                    .method(method, HttpRequest.BodyPublishers.noBody())
                                    .build(),
                            HttpResponse.BodyHandlers.discarding());
                }
            }
        }

        String metrics = http.send(
                        HttpRequest.newBuilder(service().management().resolve("/q/metrics"))
                                .version(HttpClient.Version.HTTP_1_1)
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        assertThat(metrics.lines().filter(line -> line.contains(value))).isEmpty();
        assertThat(metrics).contains("http_server_requests_seconds_count", "uri=\"/api/");
    }

    /** As scrapers ask: this port upgrades Java's client to HTTP/2, which then now and then reads nonsense. */
    private JsonNode openApi() throws IOException, InterruptedException {
        HttpResponse<String> document = http.send(
                HttpRequest.newBuilder(service().management().resolve("/q/openapi?format=json"))
                        .version(HttpClient.Version.HTTP_1_1)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        return new ObjectMapper().readTree(document.body());
    }

    private Set<String> routes() throws IOException, InterruptedException {
        Map<String, String> routes = new TreeMap<>();
        JsonNode paths = openApi().path("paths");
        paths.properties()
                .forEach(path -> path.getValue().fieldNames().forEachRemaining(method -> {
                    if (Set.of("get", "post", "put", "patch", "delete").contains(method)) {
                        routes.put(method.toUpperCase(Locale.ROOT) + " " + path.getKey(), "");
                    }
                }));
        return routes.keySet();
    }

    /** Sends no body worth acting on: whoever may pass the door gets a 4xx other than 401 and 403, or an empty answer. */
    private int call(String route, String key) throws IOException, InterruptedException {
        return call(route, key, "application/json");
    }

    private int call(String route, String key, String accept) throws IOException, InterruptedException {
        String[] parts = route.split(" ", 2);
        String path = parts[1].replaceAll("\\{[^}]+}", "00000000-0000-0000-0000-000000000000");
        HttpRequest.Builder request = HttpRequest.newBuilder(service().base().resolve(path))
                .header("Content-Type", "application/json")
                .header("Accept", accept)
                .method(parts[0], HttpRequest.BodyPublishers.ofString(parts[0].equals("GET") ? "" : "[0]"));
        if (key != null) {
            request.header("Authorization", "Bearer " + key);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
