package io.pgcaretaker.email.api;

import io.pgcaretaker.email.delivery.LargeMails;
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

    /** A body that does not say how long it is may be long. */
    @Override
    public void filter(ContainerRequestContext request) {
        boolean hasBody = request.getMethod().equals("POST") && request.hasEntity();
        if (!hasBody || (request.getLength() >= 0 && request.getLength() < LargeMails.LARGE_BYTES)) {
            return;
        }
        if (!isItsTurn()) {
            throw Answers.problem(
                    503, "service_unavailable", "Other large mails are being taken. Repeat the request later.");
        }
        request.setProperty(TURN, true);
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
