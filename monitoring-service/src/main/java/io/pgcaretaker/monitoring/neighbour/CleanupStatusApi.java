package io.pgcaretaker.monitoring.neighbour;

import io.pgcaretaker.status.SmallAnswers;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import java.io.InputStream;
import org.eclipse.microprofile.rest.client.annotation.RegisterProvider;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;
import org.jspecify.annotations.Nullable;

/** The part of cleanup-service's contract that is read here. */
@Path("/api/cleanup/status")
@RegisterProvider(value = SmallAnswers.class, priority = SmallAnswers.FIRST)
@RegisterRestClient(configKey = "cleanup-status")
interface CleanupStatusApi {
    @GET
    @Nullable
    InputStream status(@HeaderParam("Authorization") String authorization);
}
