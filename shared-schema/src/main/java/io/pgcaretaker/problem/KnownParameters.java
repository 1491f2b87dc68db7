package io.pgcaretaker.problem;

import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.ext.Provider;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A slip in a query parameter's name is told, as one in a field of the body is, and not taken for everything. Under {@code /api}
 * only: who speaks Resend's protocol, or follows a link out of a mail, may have parameters of his own.
 */
@Provider
public class KnownParameters implements ContainerRequestFilter {

    @Context
    @Nullable
    ResourceInfo resource;

    @Override
    public void filter(ContainerRequestContext request) {
        Method method = resource == null ? null : resource.getResourceMethod();
        if (method == null || isPage(method) || !request.getUriInfo().getPath().startsWith("/api/")) {
            return;
        }
        Set<String> known = Arrays.stream(method.getParameters())
                .map(parameter -> parameter.getAnnotation(QueryParam.class))
                .flatMap(found -> Optional.ofNullable(found).stream())
                .map(QueryParam::value)
                .collect(Collectors.toSet());
        request.getUriInfo().getQueryParameters().keySet().stream()
                .filter(name -> !known.contains(name))
                .sorted()
                .findFirst()
                .ifPresent(name -> {
                    throw ProblemException.badParameter(
                            name,
                            known.isEmpty()
                                    ? "is not a parameter; there is none"
                                    : "is not a parameter; there are "
                                            + known.stream().sorted().collect(Collectors.joining(", ")));
                });
    }

    /** A link out of a mail: programs on its way add parameters of theirs. */
    static boolean isPage(Method method) {
        Produces produces = method.getAnnotation(Produces.class);
        return produces != null && List.of(produces.value()).contains(MediaType.TEXT_HTML);
    }
}
