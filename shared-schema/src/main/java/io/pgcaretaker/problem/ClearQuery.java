package io.pgcaretaker.problem;

import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.Priority;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.ext.Provider;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A query that one reader takes for this and another for that is refused: {@code page=1;drop} would be read as page 1, and of
 * two values the first would count. Before others look at what was read.
 */
@Provider
@Priority(Priorities.USER - 100)
public class ClearQuery implements ContainerRequestFilter {

    @Context
    @Nullable
    HttpServerRequest http;

    /** As it came: JAX-RS cannot say where a request of HTTP/1.0 without a host leads to. */
    @Override
    public void filter(ContainerRequestContext request) {
        String query = Objects.requireNonNull(http).query();
        if (query == null) {
            return;
        }
        Set<String> seen = new HashSet<>();
        for (String part : query.split("&", -1)) {
            // As others read it, or p%61ge would be another name than page; what cannot be decoded was refused before.
            String name = URLDecoder.decode(part.split("[=;]", 2)[0], StandardCharsets.UTF_8);
            if (part.contains(";")) {
                throw ProblemException.badParameter(name, "must not contain ; (write it as %3B)");
            }
            if (!name.isEmpty() && !seen.add(name)) {
                throw ProblemException.badParameter(name, "must be given once");
            }
        }
    }
}
