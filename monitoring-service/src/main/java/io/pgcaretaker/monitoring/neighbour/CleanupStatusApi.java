package io.pgcaretaker.monitoring.neighbour;

import io.pgcaretaker.status.ServiceStatus;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;

/** The part of cleanup-service's contract that is read here. */
@Path("/api/cleanup/status")
@RegisterRestClient(configKey = "cleanup-status")
interface CleanupStatusApi {
    @GET
    ServiceStatus status(@HeaderParam("Authorization") String authorization);
}
