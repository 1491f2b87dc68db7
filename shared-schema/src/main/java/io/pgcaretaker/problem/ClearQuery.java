package io.pgcaretaker.problem;

import jakarta.annotation.Priority;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.ext.Provider;
import java.util.HashSet;
import java.util.Set;

/**
 * A query that one reader takes for this and another for that is refused: {@code page=1;drop} would be read as page 1, and of
 * two values the first would count. Before others look at what was read.
 */
@Provider
@Priority(Priorities.USER - 100)
public class ClearQuery implements ContainerRequestFilter {

    @Override
    public void filter(ContainerRequestContext request) {
        String query = request.getUriInfo().getRequestUri().getRawQuery();
        if (query == null) {
            return;
        }
        Set<String> seen = new HashSet<>();
        for (String part : query.split("&", -1)) {
            String name = part.split("[=;]", 2)[0];
            if (part.contains(";")) {
                throw ProblemException.badParameter(name, "must not contain ; (write it as %3B)");
            }
            if (!name.isEmpty() && !seen.add(name)) {
                throw ProblemException.badParameter(name, "must be given once");
            }
        }
    }
}
