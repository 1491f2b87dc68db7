package io.pgcaretaker.email.api;

import io.quarkus.security.identity.SecurityIdentity;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.ext.Provider;

/** Resend's rate headers on every answer, and its 429 for who asks too often. */
@Provider
@RateLimited
public class RateFilter implements ContainerRequestFilter, ContainerResponseFilter {

    private static final String ALLOWANCE = "caretaker.rate";

    private final RequestRates rates;
    private final SecurityIdentity identity;

    RateFilter(RequestRates rates, SecurityIdentity identity) {
        this.rates = rates;
        this.identity = identity;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        if (identity.isAnonymous()) {
            // Refused already, or about to be.
            return;
        }
        TokenBuckets.Allowance allowance = rates.take(identity.getPrincipal().getName());
        request.setProperty(ALLOWANCE, allowance);
        if (!allowance.taken()) {
            throw Answers.problem(
                    429,
                    "rate_limit_exceeded",
                    "Too many requests. You can only make " + allowance.limit()
                            + " requests per second. See rate limit response headers for more information.");
        }
    }

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) {
        if (!(request.getProperty(ALLOWANCE) instanceof TokenBuckets.Allowance allowance)) {
            return;
        }
        response.getHeaders().putSingle("ratelimit-limit", allowance.limit());
        response.getHeaders().putSingle("ratelimit-remaining", allowance.remaining());
        response.getHeaders().putSingle("ratelimit-reset", allowance.resetSeconds());
        response.getHeaders().putSingle("ratelimit-policy", allowance.limit() + ";w=1");
        if (!allowance.taken()) {
            response.getHeaders().putSingle("retry-after", 1);
        }
    }
}
