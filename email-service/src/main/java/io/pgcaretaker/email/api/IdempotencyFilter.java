package io.pgcaretaker.email.api;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.ext.Provider;
import java.util.List;

/** An empty key reaches a resource as none, and its caller would believe that a repeat is harmless. */
@Provider
@RateLimited
public class IdempotencyFilter implements ContainerRequestFilter {

    @Override
    public void filter(ContainerRequestContext request) {
        List<String> keys = request.getHeaders().getOrDefault(IdempotencyHeader.NAME, List.of());
        keys.forEach(IdempotencyHeader::checked);
        if (keys.size() > 1) {
            throw Answers.problem(400, "invalid_idempotency_key", "There may be one idempotency key only.");
        }
    }
}
