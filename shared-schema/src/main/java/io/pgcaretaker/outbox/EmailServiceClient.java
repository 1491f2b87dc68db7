package io.pgcaretaker.outbox;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.access.AccessConfig;
import io.pgcaretaker.status.SmallAnswers;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.ClientErrorException;
import jakarta.ws.rs.ProcessingException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.eclipse.microprofile.faulttolerance.CircuitBreaker;
import org.eclipse.microprofile.faulttolerance.Timeout;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.eclipse.microprofile.rest.client.inject.RestClient;
import org.jspecify.annotations.Nullable;

/** email-service over REST. The timeouts are the REST client's ({@code quarkus.rest-client.email-service.*}). */
@ApplicationScoped
public class EmailServiceClient implements MailGateway, MailReceipts {

    /** 4xx answers that say nothing about the mail: a wrong key or a full house is mended outside of it. */
    private static final Set<Integer> NOT_THE_MAILS_FAULT = Set.of(401, 403, 404, 405, 408, 409, 425, 429);

    /** {@code Invalid `template.variables.restoreUrl` field: it must lead to the application at APP_URL.} No value is in it. */
    private static final Pattern FIELD_AND_RULE =
            Pattern.compile("(?:Invalid|Missing) `[A-Za-z0-9_.]{1,100}` field[A-Za-z0-9_:,. ]{0,200}");

    private final Calls calls;
    private final ObjectMapper json;

    EmailServiceClient(Calls calls, ObjectMapper json) {
        this.calls = calls;
        this.json = json;
    }

    /** How email-service says an error under {@code /emails}; a proxy that refuses says it otherwise. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Refusal(
            int statusCode, @Nullable String name, @Nullable String message) {}

    @Override
    public Outcome handOver(MailIntent intent) {
        try {
            String id = id(calls.send(intent));
            return id == null
                    ? new Outcome.Unavailable("email-service answered without a mail's id")
                    : new Outcome.Accepted(id);
        } catch (WebApplicationException e) {
            return outcome(e);
        } catch (CircuitBreakerOpenException e) {
            return new Outcome.Unavailable("email-service circuit is open");
        } catch (RuntimeException e) {
            return new Outcome.Unavailable("email-service gave no answer: " + kind(e));
        }
    }

    /** What the client has wrapped: a name that is unknown, a certificate that is not trusted. Its words may hold the address. */
    private static String kind(RuntimeException e) {
        Throwable cause = e.getCause();
        return (e instanceof ProcessingException && cause != null ? cause : e)
                .getClass()
                .getSimpleName();
    }

    private Outcome outcome(WebApplicationException e) {
        int status = e.getResponse().getStatus();
        Refusal refusal = refusal(e);
        if (refusal == null) {
            return new Outcome.Unavailable("an answer of " + status + " that is not email-service's own");
        }
        if (status == 409 && "invalid_idempotent_request".equals(refusal.name())) {
            // Repeated, it would be refused for ever; any other conflict passes.
            return new Outcome.Rejected(status, "the key stands for another mail", Fault.ANOTHER_MAIL);
        }
        if (status == 422 && String.valueOf(refusal.message()).contains("`to`")) {
            return new Outcome.Rejected(status, "the recipient's address cannot be one", Fault.ADDRESS);
        }
        return status >= 400 && status < 500 && !NOT_THE_MAILS_FAULT.contains(status)
                ? new Outcome.Rejected(status, reason(refusal.message()))
                : new Outcome.Unavailable("email-service answered " + status);
    }

    /** With the field and its rule, as email-service names them; whatever else it says may be somebody's. */
    static String reason(@Nullable String message) {
        String said = String.valueOf(message);
        return FIELD_AND_RULE.matcher(said).matches()
                ? "email-service refused the mail: " + said
                : "email-service refused the mail";
    }

    /** Null where it was somebody else who answered: what stands before email-service, or in its place. */
    private @Nullable Refusal refusal(WebApplicationException e) {
        Response answer = e.getResponse();
        try {
            Refusal refusal = answer.getEntity() instanceof String words ? json.readValue(words, Refusal.class) : null;
            return refusal != null
                            && refusal.statusCode() == answer.getStatus()
                            && refusal.name() != null
                            && refusal.message() != null
                    ? refusal
                    : null;
        } catch (JsonProcessingException unreadable) {
            // An answer that cannot be read says nothing about the mail.
            return null;
        }
    }

    /** Somebody else may answer at that address, and a mail that was not taken must not count as taken. */
    private static @Nullable String id(EmailServiceApi.@Nullable Accepted accepted) {
        String id = accepted == null ? null : accepted.id();
        try {
            return id == null ? null : UUID.fromString(id).toString();
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    @Override
    public MailReceipt look(String emailId) {
        try {
            EmailServiceApi.View view = calls.read(emailId);
            return view == null || view.recipients() == null
                    ? new MailReceipt(MailReceipt.State.NO_ANSWER, "email-service answered without recipients")
                    : MailReceipt.of(view.recipients());
        } catch (WebApplicationException e) {
            Refusal refusal = refusal(e);
            // A 404 of what stands before it, or in its place, says nothing about the mail.
            return e.getResponse().getStatus() == 404 && refusal != null && "not_found".equals(refusal.name())
                    ? new MailReceipt(MailReceipt.State.MISSING, "missing")
                    : new MailReceipt(
                            MailReceipt.State.NO_ANSWER,
                            "email-service answered " + e.getResponse().getStatus());
        } catch (RuntimeException e) {
            return new MailReceipt(MailReceipt.State.NO_ANSWER, "email-service gave no answer: " + kind(e));
        }
    }

    /** Apart, because a circuit breaker works on calls from outside of the bean. */
    @ApplicationScoped
    static class Calls {

        /** The client's own timeouts end with the answer's head; a body that never ends would hold up all mail for ever. */
        private static final long WHOLE_ANSWER_MILLIS = 13_000;

        private final EmailServiceApi api;
        private final AccessConfig access;
        private final ObjectMapper json;

        Calls(@RestClient EmailServiceApi api, AccessConfig access, ObjectMapper json) {
            this.api = api;
            this.access = access;
            this.json = json;
        }

        /** A 4xx is an answer, not a fault of the neighbour: it does not open the circuit. */
        @Timeout(WHOLE_ANSWER_MILLIS)
        @CircuitBreaker(
                requestVolumeThreshold = 4,
                failureRatio = 0.75,
                delay = 5000,
                skipOn = ClientErrorException.class)
        EmailServiceApi.@Nullable View read(String emailId) {
            return answered(
                    () -> api.read("Bearer " + access.serviceKey().orElse(""), emailId), EmailServiceApi.View.class);
        }

        @Timeout(WHOLE_ANSWER_MILLIS)
        @CircuitBreaker(
                requestVolumeThreshold = 4,
                failureRatio = 0.75,
                delay = 5000,
                skipOn = ClientErrorException.class)
        EmailServiceApi.@Nullable Accepted send(MailIntent intent) {
            String authorization = "Bearer " + access.serviceKey().orElse("");
            EmailServiceApi.Email email = new EmailServiceApi.Email(
                    intent.to(), new EmailServiceApi.Template(intent.template(), intent.variables()));
            return answered(() -> api.send(authorization, intent.key(), email), EmailServiceApi.Accepted.class);
        }

        /** Read here, refusals too, where the deadline still holds. */
        private <T> @Nullable T answered(Supplier<@Nullable InputStream> call, Class<T> type) {
            try {
                return SmallAnswers.read(json, call.get(), type);
            } catch (WebApplicationException e) {
                throw read(e);
            } catch (IOException e) {
                throw new ProcessingException(e);
            }
        }

        /** Quarkus' client has one exception for every status. */
        private static WebApplicationException read(WebApplicationException e) {
            Response answer = Response.status(e.getResponse().getStatus())
                    .entity(SmallAnswers.words(e))
                    .build();
            return answer.getStatusInfo().getFamily() == Response.Status.Family.CLIENT_ERROR
                    ? new ClientErrorException(answer, e)
                    : new WebApplicationException(e, answer);
        }
    }
}
