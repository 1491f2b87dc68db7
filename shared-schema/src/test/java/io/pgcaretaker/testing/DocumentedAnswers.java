package io.pgcaretaker.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.restassured.filter.Filter;
import io.restassured.filter.FilterContext;
import io.restassured.response.Response;
import io.restassured.specification.FilterableRequestSpecification;
import io.restassured.specification.FilterableResponseSpecification;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Every answer that a test gets is one that the service's OpenAPI document tells of: its status, its media type, and each
 * field's type; and so is every body that is taken. Whoever makes a client of the document would fail on what it does not say.
 */
final class DocumentedAnswers implements Filter {

    private static final String DOCUMENT = "https://pgcaretaker.io/openapi";

    private final JsonNode document;
    private final SchemaRegistry schemas;

    DocumentedAnswers(URI management) throws IOException {
        try (InputStream answer =
                management.resolve("/q/openapi?format=json").toURL().openStream()) {
            this.document = new ObjectMapper().readTree(answer);
        }
        this.schemas = SchemaRegistry.withDefaultDialect(
                SpecificationVersion.DRAFT_2020_12,
                registry -> registry.schemas(Map.of(DOCUMENT, document.toString())));
    }

    @Override
    public Response filter(
            FilterableRequestSpecification request, FilterableResponseSpecification expected, FilterContext context) {
        Response answer = context.next(request, expected);
        String method = request.getMethod().toLowerCase(Locale.ROOT);
        path(URI.create(request.getURI()).getRawPath())
                .filter(path -> document.at(operation(path, method)).isObject())
                .ifPresent(path -> {
                    List<String> faults = new ArrayList<>(faults(operation(path, method), answer));
                    faults.addAll(faults(operation(path, method), request, answer));
                    if (!faults.isEmpty()) {
                        throw new AssertionError("the OpenAPI document does not tell of this answer to "
                                + request.getMethod() + " " + path + ": " + faults + "\n"
                                + answer.asString());
                    }
                });
        return answer;
    }

    /** A path as it is written, before one with a parameter in the same place. */
    private Optional<String> path(String called) {
        List<String> fitting = new ArrayList<>();
        document.get("paths").fieldNames().forEachRemaining(path -> {
            String pattern = Pattern.quote(path).replaceAll("\\{[^}]*}", "\\\\E[^/]+\\\\Q");
            if (called.matches(pattern)) {
                fitting.add(path);
            }
        });
        return fitting.stream()
                .filter(path -> !path.contains("{"))
                .findFirst()
                .or(() -> fitting.stream().findFirst());
    }

    private static String operation(String path, String method) {
        return "/paths/" + path.replace("~", "~0").replace("/", "~1") + "/" + method;
    }

    /** What is taken may be sent by who reads the document. A permissive batch takes what is well formed of it. */
    private List<String> faults(String operation, FilterableRequestSpecification request, Response answer) {
        String schema = operation + "/requestBody/content/application~1json/schema";
        String body = request.getBody() instanceof String text ? text : "";
        boolean taken = answer.getStatusCode() < 300 && !request.getHeaders().hasHeaderWithName("x-batch-validation");
        return taken && !body.isBlank() && document.at(schema).isObject()
                ? validate(schema, body).stream()
                        .map(fault -> "request: " + fault)
                        .toList()
                : List.of();
    }

    private List<String> faults(String operation, Response answer) {
        String status = operation + "/responses/" + answer.getStatusCode();
        if (!document.at(status).isObject()) {
            return List.of("status " + answer.getStatusCode());
        }
        JsonNode content = document.at(status + "/content");
        String body = answer.asString();
        if (body.isEmpty() || !content.isObject()) {
            return List.of();
        }
        String type = Optional.ofNullable(answer.getContentType()).orElse("").replaceAll(";.*", "");
        if (!content.has(type)) {
            return List.of("media type " + type);
        }
        return type.endsWith("json") && content.get(type).has("schema")
                ? validate(status + "/content/" + type.replace("/", "~1") + "/schema", body)
                : List.of();
    }

    private List<String> validate(String schema, String body) {
        return schemas.getSchema(SchemaLocation.of(DOCUMENT + "#" + schema)).validate(body, InputFormat.JSON).stream()
                .map(Error::toString)
                .toList();
    }
}
