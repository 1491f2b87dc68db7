package io.pgcaretaker.email.api;

import io.pgcaretaker.email.delivery.LargeMails;
import io.vertx.core.http.HttpHeaders;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.ext.Provider;

/** Lets large bodies in one at a time, before anything of them is read. */
@Provider
@RateLimited
public class LargeBodyFilter implements ContainerRequestFilter, ContainerResponseFilter {

    private static final String TURN = "caretaker.large-body";

    /** Longer than it takes to read and commit one; callers wait longer than that. */
    private static final long PATIENCE_SECONDS = 8;

    private final LargeMails large;

    LargeBodyFilter(LargeMails large) {
        this.large = large;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        if (!request.getMethod().equals("POST") || !mayBeLong(request)) {
            return;
        }
        if (!isItsTurn()) {
            throw Answers.problem(
                    503, "service_unavailable", "Other large mails are being taken. Repeat the request later.");
        }
        request.setProperty(TURN, true);
        request.setEntityStream(new LargeBody(request.getEntityStream(), large::isAwaited, System::nanoTime));
    }

    /** A body that does not say how long it is may be long; whether there is one must not depend on its Content-Type. */
    private static boolean mayBeLong(ContainerRequestContext request) {
        return request.getLength() >= LargeMails.LARGE_BYTES
                || request.getHeaders().containsKey(HttpHeaders.TRANSFER_ENCODING.toString());
    }

    private boolean isItsTurn() {
        try {
            return large.beginTaking(PATIENCE_SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) {
        if (request.getProperty(TURN) != null) {
            request.removeProperty(TURN);
            large.endTaking();
        }
    }
}
