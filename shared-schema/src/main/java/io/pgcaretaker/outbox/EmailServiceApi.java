package io.pgcaretaker.outbox;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.pgcaretaker.status.SmallAnswers;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.rest.client.annotation.RegisterProvider;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;
import org.jspecify.annotations.Nullable;

/** The part of email-service's contract that the other services use: a mail by template, with a key. */
@Path("/emails")
@RegisterProvider(value = SmallAnswers.class, priority = SmallAnswers.FIRST)
@RegisterRestClient(configKey = "email-service")
interface EmailServiceApi {

    /** Sender and subject are the template's. */
    record Email(List<String> to, Template template) {}

    record Template(String id, Map<String, Object> variables) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Accepted(@Nullable String id) {}

    /** Where a mail's recipients stand; what else it says is for others. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record View(@Nullable List<Recipient> recipients) {}

    /**
     * Attempts are those that the mail used up itself: none while only the way out was at fault. Code and enhanced status are the
     * server's last ones, absent where the end was decided without it.
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Recipient(
            String state,
            int attempts,
            @JsonProperty("last_code") @Nullable Integer lastCode,
            @JsonProperty("last_enhanced") @Nullable String lastEnhanced) {}

    @GET
    @Path("/{id}")
    @Nullable
    InputStream read(@HeaderParam("Authorization") String authorization, @PathParam("id") String id);

    @POST
    @Nullable
    InputStream send(
            @HeaderParam("Authorization") String authorization,
            @HeaderParam("Idempotency-Key") String key,
            Email email);
}
