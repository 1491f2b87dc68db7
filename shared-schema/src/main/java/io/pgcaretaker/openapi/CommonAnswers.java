package io.pgcaretaker.openapi;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.media.Content;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;

/**
 * Says of each route which errors it answers, in which shape, and what a key is. No resource names these, since they come from
 * what all routes have in common. Quarkus calls it when it makes the document.
 */
public final class CommonAnswers implements OASFilter {

    /** As quarkus.smallrye-openapi.security-scheme-name has it. */
    static final String KEY = "apiKey";

    private static final String PROBLEM = "Problem";
    private static final String RESEND = "ResendError";

    @Override
    public void filterOpenAPI(OpenAPI document) {
        Components components = Optional.ofNullable(document.getComponents()).orElseGet(OASFactory::createComponents);
        components.addSecurityScheme(
                KEY,
                OASFactory.createSecurityScheme()
                        .type(SecurityScheme.Type.HTTP)
                        .scheme("bearer")
                        .description("A key of CARETAKER_API_KEYS, such as ctk_…, with the role that the route names"));
        components.addSchema(PROBLEM, problem());
        Map<String, PathItem> paths = document.getPaths().getPathItems();
        if (paths.keySet().stream().anyMatch(CommonAnswers::isResends)) {
            components.addSchema(RESEND, resendError());
        }
        document.setComponents(components);
        paths.forEach((path, item) ->
                item.getOperations().forEach((method, operation) -> add(path, method.name(), operation)));
    }

    /** These have the shape of Resend's, which the SDK knows. */
    private static boolean isResends(String path) {
        return path.equals("/emails") || path.startsWith("/emails/");
    }

    /** Where somebody who asks too often is told to wait: what sends mail. */
    private static boolean hasRate(String path) {
        return isResends(path)
                || path.equals("/api/email/welcome")
                || path.equals("/api/email/password-reset")
                || path.equals("/api/email/test")
                || path.startsWith("/api/email/templates/");
    }

    private static void add(String path, String method, Operation operation) {
        Answers answers = new Answers(operation, isResends(path));
        if (needsKey(operation)) {
            answers.add("400", "The request cannot be read, or has a field or parameter that the route does not know");
            answers.add("401", "No key, or one that is not known");
            answers.add("403", "The key lacks the role");
            addStates(answers, method, operation);
        }
        if (isResends(path)) {
            answers.add("422", "A field or parameter breaks a rule, or the mail is in another state");
        }
        if (hasPathParameter(operation)) {
            answers.add("404", "There is none of that name or id");
        }
        if (hasRate(path)) {
            answers.add("429", "Too many requests; retry-after says when to come back");
        }
        answers.add("406", "Accept names no media type that the route speaks");
        answers.add("500", "An error of the service; its log has the cause under errorId");
        answers.add("503", "The database, or what else the answer needs, is away; try again");
        answers.shape();
    }

    /** Others are pages for people and a probe, which say themselves what they answer. */
    private static boolean needsKey(Operation operation) {
        return operation.getSecurity() != null && !operation.getSecurity().isEmpty();
    }

    private static void addStates(Answers answers, String method, Operation operation) {
        if (!method.equals("GET")) {
            answers.add("409", "Not in the present state; detail says what is in the way");
        }
        if (operation.getRequestBody() != null) {
            answers.add("413", "The body is larger than the service takes");
            answers.add("415", "The body is of a media type that the route does not take");
            answers.add("422", "A field breaks a rule; errors names both");
        }
    }

    private static boolean hasPathParameter(Operation operation) {
        return operation.getParameters() != null
                && operation.getParameters().stream().anyMatch(parameter -> parameter.getIn() == Parameter.In.PATH);
    }

    private record Answers(Operation operation, boolean resends) {
        /** What the resource itself says stays; what Quarkus says of its own has no content, and says less. */
        void add(String status, String description) {
            APIResponse said = operation.getResponses().getAPIResponse(status);
            if (said == null || said.getContent() == null) {
                operation
                        .getResponses()
                        .addAPIResponse(status, OASFactory.createAPIResponse().description(description));
            }
        }

        /** Of all errors that have none of their own. */
        void shape() {
            operation.getResponses().getAPIResponses().forEach((status, answer) -> {
                if (status.matches("[45].*") && answer.getContent() == null) {
                    answer.setContent(content());
                }
            });
        }

        private Content content() {
            return OASFactory.createContent()
                    .addMediaType(
                            resends ? "application/json" : "application/problem+json",
                            OASFactory.createMediaType()
                                    .schema(OASFactory.createSchema().ref(resends ? RESEND : PROBLEM)));
        }
    }

    private static Schema problem() {
        Schema field = object("A field and the rule that it breaks")
                .addProperty("field", text("The field, or the parameter"))
                .addProperty("rule", text("Such as: must be between 1 and 500, but is 0"))
                .required(List.of("field", "rule"));
        return object("An error, as RFC 9457 has it")
                .addProperty("type", text("about:blank where the status says it all"))
                .addProperty("title", text("The kind of error in a few words"))
                .addProperty("status", number())
                .addProperty("detail", text("What is wrong, and what the caller can do"))
                .addProperty(
                        "errors",
                        OASFactory.createSchema().addType(SchemaType.ARRAY).items(field))
                .addProperty("errorId", text("Of a 500: the service's log has the cause under it"))
                .required(List.of("type", "title", "status"));
    }

    private static Schema resendError() {
        return object("An error, as Resend has it")
                .addProperty("statusCode", number())
                .addProperty("name", text("The kind of error, such as validation_error"))
                .addProperty("message", text("What is wrong"))
                .required(List.of("statusCode", "name", "message"));
    }

    private static Schema object(String description) {
        return OASFactory.createSchema().addType(SchemaType.OBJECT).description(description);
    }

    private static Schema text(String description) {
        return OASFactory.createSchema().addType(SchemaType.STRING).description(description);
    }

    private static Schema number() {
        return OASFactory.createSchema().addType(SchemaType.INTEGER).format("int32");
    }
}
