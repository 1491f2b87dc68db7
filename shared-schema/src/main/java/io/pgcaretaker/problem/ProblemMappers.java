package io.pgcaretaker.problem;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.Path;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Every error a service answers, as problem+json or as the route's own format; the inside is never shown. */
public class ProblemMappers {

    private static final Logger LOG = Logger.getLogger(ProblemMappers.class);

    /** As UUID.fromString says it; the value follows. */
    private static final String NO_ID = "Invalid UUID string: ";

    private final Instance<ProblemFormat> formats;

    ProblemMappers(@Any Instance<ProblemFormat> formats) {
        this.formats = formats;
    }

    @ServerExceptionMapper
    Response problem(ProblemException e, UriInfo uri) {
        return answer(e.problem(), uri);
    }

    @ServerExceptionMapper(priority = 1)
    Response unauthorized(UnauthorizedException e, UriInfo uri) {
        return unauthorized(uri);
    }

    @ServerExceptionMapper(priority = 1)
    Response authenticationFailed(AuthenticationFailedException e, UriInfo uri) {
        return unauthorized(uri);
    }

    private Response unauthorized(UriInfo uri) {
        Problem problem = Problem.of(401, "Unauthorized", "send Authorization: Bearer <API key>");
        return Response.fromResponse(answer(problem, uri))
                .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"caretaker\"")
                .build();
    }

    @ServerExceptionMapper(priority = 1)
    Response forbidden(ForbiddenException e, UriInfo uri) {
        return answer(Problem.of(403, "Forbidden", "this API key's roles do not allow this"), uri);
    }

    @ServerExceptionMapper(priority = 1)
    Response constraintViolation(ConstraintViolationException e, UriInfo uri) {
        List<Problem.FieldError> errors = e.getConstraintViolations().stream()
                .map(violation -> new Problem.FieldError(field(violation), violation.getMessage()))
                .sorted(Comparator.comparing(Problem.FieldError::field))
                .collect(Collectors.toList());
        return answer(Problem.ofFields(422, "Invalid field", errors), uri);
    }

    /** The last names of the path: the method and its parameter come first. */
    private static String field(ConstraintViolation<?> violation) {
        String path = StreamSupport.stream(violation.getPropertyPath().spliterator(), false)
                .skip(2)
                .map(Path.Node::toString)
                .collect(Collectors.joining("."));
        return path.isEmpty() ? lastNode(violation) : path;
    }

    private static String lastNode(ConstraintViolation<?> violation) {
        return StreamSupport.stream(violation.getPropertyPath().spliterator(), false)
                .reduce((first, second) -> second)
                .map(Path.Node::toString)
                .orElse("body");
    }

    @ServerExceptionMapper(priority = 1)
    Response malformedJson(JsonParseException e, UriInfo uri) {
        return answer(
                Problem.of(
                        400,
                        "Malformed JSON",
                        "the body is not JSON at line " + e.getLocation().getLineNr() + ", column "
                                + e.getLocation().getColumnNr()),
                uri);
    }

    @ServerExceptionMapper(priority = 1)
    Response wrongJson(JsonMappingException e, UriInfo uri) {
        String field = e.getPath().stream()
                .map(reference ->
                        reference.getFieldName() != null ? reference.getFieldName() : "[" + reference.getIndex() + "]")
                .collect(Collectors.joining("."));
        return answer(
                Problem.ofFields(
                        400,
                        "Malformed JSON",
                        List.of(new Problem.FieldError(
                                field.isEmpty() ? "body" : field, "is missing, unknown or has the wrong type"))),
                uri);
    }

    /** Quarkus has one of its own for this, which says nothing. */
    @ServerExceptionMapper(priority = 1)
    Response wrongType(MismatchedInputException e, UriInfo uri) {
        return wrongJson(e, uri);
    }

    /** The conversion says which value it could not read; whose that is, the query says. */
    private static Problem unreadable(UriInfo uri, Throwable cause) {
        String words = String.valueOf(cause.getMessage());
        boolean id = words.startsWith(NO_ID);
        List<Problem.FieldError> errors = uri.getQueryParameters().entrySet().stream()
                .filter(parameter -> parameter.getValue().stream()
                        .anyMatch(value ->
                                !value.isEmpty() && (id ? words.endsWith(value) : words.contains('"' + value + '"'))))
                .map(parameter ->
                        new Problem.FieldError(parameter.getKey(), id ? "must be an id (UUID)" : "must be a number"))
                .toList();
        return errors.isEmpty()
                ? Problem.of(400, "Bad parameter", "a parameter cannot be read: not a number or id")
                : Problem.ofFields(400, "Bad parameter", errors);
    }

    @ServerExceptionMapper
    Response webApplication(WebApplicationException e, UriInfo uri) {
        Throwable cause = e.getCause();
        if (cause instanceof JsonParseException malformed) {
            return malformedJson(malformed, uri);
        }
        if (cause instanceof JsonMappingException wrong) {
            return wrongJson(wrong, uri);
        }
        int status = e.getResponse().getStatus();
        if (status == 404 && cause != null && !uri.getQueryParameters().isEmpty()) {
            // The path is there, or nothing would have been converted.
            return answer(unreadable(uri, cause), uri);
        }
        Response.StatusType type = e.getResponse().getStatusInfo();
        if (status >= 500) {
            return unexpected(e, uri);
        }
        Response.ResponseBuilder answer =
                Response.fromResponse(answer(Problem.of(status, type.getReasonPhrase(), detail(status)), uri));
        String allow = e.getResponse().getHeaderString(HttpHeaders.ALLOW);
        return allow == null
                ? answer.build()
                : answer.header(HttpHeaders.ALLOW, allow).build();
    }

    private static String detail(int status) {
        return switch (status) {
            case 404 -> "no such path or id";
            case 405 -> "this path does not take this method";
            case 406 -> "this path does not produce what Accept asks for";
            case 415 -> "send Content-Type: application/json";
            default -> "the request cannot be understood";
        };
    }

    @ServerExceptionMapper
    Response unexpected(Throwable e, UriInfo uri) {
        Optional<Problem> unkeepable = DatabaseProblem.unkeepable(e);
        if (unkeepable.isPresent()) {
            return answer(unkeepable.get(), uri);
        }
        Optional<Problem> away = DatabaseProblem.away(e);
        if (away.isPresent()) {
            return answer(away.get(), uri);
        }
        Problem problem = Problem.internal();
        if (GoneReaders.hasGone(e)) {
            // Who asked has gone, from a stream of events for one: nobody reads this answer, and nothing is wrong.
            LOG.debugf(e, "nobody waits for the answer any more path=%s", route(uri));
            return answer(problem, uri);
        }
        LOG.errorf(e, "request failed path=%s errorId=%s", route(uri), problem.errorId());
        return answer(problem, uri);
    }

    /** The path with its parameters' names: a value may be somebody's address, or a link that is all one needs to use it. */
    private static String route(UriInfo uri) {
        String path = uri.getPath();
        for (Map.Entry<String, List<String>> parameter : uri.getPathParameters().entrySet()) {
            for (String value : parameter.getValue()) {
                path = path.replace("/" + value, "/{" + parameter.getKey() + "}");
            }
        }
        return path;
    }

    private Response answer(Problem problem, UriInfo uri) {
        for (ProblemFormat format : formats) {
            if (format.appliesTo(uri.getPath())) {
                return Response.status(problem.status())
                        .type(MediaType.APPLICATION_JSON_TYPE)
                        .entity(format.body(problem))
                        .build();
            }
        }
        return Response.status(problem.status())
                .type(Problem.MEDIA_TYPE)
                .entity(problem)
                .build();
    }
}
