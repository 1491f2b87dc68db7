package io.pgcaretaker.email.api;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgcaretaker.access.Role;
import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.Kind;
import io.pgcaretaker.email.template.Rendered;
import io.pgcaretaker.email.template.Templates;
import io.pgcaretaker.email.template.WrongVariablesException;
import io.pgcaretaker.problem.Problem;
import io.pgcaretaker.problem.ProblemException;
import io.pgcaretaker.startup.NeedsDatabase;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.jspecify.annotations.Nullable;

/** The application's own mails: {@code {"to": …}} and the template's variables beside it. */
@Path("/api/email")
@RateLimited
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
public class TemplateResource {

    private static final TypeReference<Map<String, Object>> VARIABLES = new TypeReference<>() {};
    private static final String KEY = IdempotencyHeader.NAME;

    private final Submission submission;
    private final Templates templates;
    private final ObjectMapper json;
    private final Optional<String> appUrl;

    TemplateResource(Submission submission, Templates templates, ObjectMapper json, EmailConfig config) {
        this.submission = submission;
        this.templates = templates;
        this.json = json;
        this.appUrl = config.appUrl();
    }

    @POST
    @Path("/welcome")
    @NeedsDatabase
    @RolesAllowed(Role.SENDER_ROLE)
    @Operation(summary = "Welcome a user: to, name, loginUrl (default APP_URL)")
    @RequestBody(content = @Content(schema = @Schema(ref = "WelcomeRequest")))
    public EmailResource.Id welcome(@HeaderParam(KEY) @Nullable String key, @Nullable JsonNode body)
            throws SQLException {
        ObjectNode given = object(body);
        appUrl.filter(url -> !given.hasNonNull("loginUrl")).ifPresent(url -> given.put("loginUrl", url));
        return send(Kind.WELCOME, "/api/email/welcome", key, given);
    }

    @POST
    @Path("/password-reset")
    @NeedsDatabase
    @RolesAllowed(Role.SENDER_ROLE)
    @Operation(summary = "Send a reset link: to, name, resetUrl, expiresAt; kept sealed and never shown")
    @RequestBody(content = @Content(schema = @Schema(ref = "PasswordResetRequest")))
    public EmailResource.Id passwordReset(@HeaderParam(KEY) @Nullable String key, @Nullable JsonNode body)
            throws SQLException {
        return send(Kind.PASSWORD_RESET, "/api/email/password-reset", key, object(body));
    }

    @POST
    @Path("/test")
    @NeedsDatabase
    @RolesAllowed({Role.SENDER_ROLE, Role.OPERATOR_ROLE})
    @Operation(summary = "Send a test mail: to, message (optional)")
    @RequestBody(content = @Content(schema = @Schema(ref = "TestMailRequest")))
    public EmailResource.Id test(@HeaderParam(KEY) @Nullable String key, @Nullable JsonNode body) throws SQLException {
        ObjectNode given = object(body);
        if (!given.hasNonNull("message")) {
            given.put("message", "This mail came from email-service through your SMTP server.");
        }
        return send(Kind.TEST, "/api/email/test", key, given);
    }

    @POST
    @Path("/templates/{name}/preview")
    @RolesAllowed({Role.SENDER_ROLE, Role.OPERATOR_ROLE})
    @Operation(summary = "Render a template with the variables of the body; nothing is kept or sent")
    @RequestBody(content = @Content(schema = @Schema(ref = "TemplateVariables")))
    public Rendered preview(@PathParam("name") String name, @Nullable JsonNode body) {
        Kind kind = Kind.ofTemplate(name).orElseThrow(() -> ProblemException.notFound("no template has this name"));
        try {
            return templates.render(kind, json.convertValue(object(body), VARIABLES));
        } catch (WrongVariablesException e) {
            throw ProblemException.invalidField(e.variable(), e.rule());
        }
    }

    private static ObjectNode object(@Nullable JsonNode body) {
        if (body instanceof ObjectNode object) {
            return object.deepCopy();
        }
        throw ProblemException.invalidField("body", "must be a JSON object");
    }

    private EmailResource.Id send(Kind kind, String endpoint, @Nullable String key, ObjectNode given)
            throws SQLException {
        ObjectNode email = json.createObjectNode();
        email.set("to", given.remove("to"));
        email.putObject("template").put("id", kind.wireName()).set("variables", given);
        try {
            return new EmailResource.Id(submission.one(endpoint, key, email));
        } catch (ProblemException e) {
            Problem problem = e.problem();
            throw new ProblemException(Problem.of(problem.status(), "Mail refused", problem.detail()));
        }
    }
}
