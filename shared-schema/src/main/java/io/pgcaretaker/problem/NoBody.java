package io.pgcaretaker.problem;

import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.ext.Provider;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A body where none is read is refused: whoever sends {@code {"dryRun": true}} means it, and would have had the thing done. Under
 * {@code /api} only, as {@link KnownParameters}; not where a mail's link leads to.
 */
@Provider
public class NoBody implements ContainerRequestFilter {

    private static final Set<String> WITHOUT = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

    private static final String TRANSFER_ENCODING = "Transfer-Encoding";

    /** As many as {@code {}} has, which says nothing. */
    private static final int NOTHING = 2;

    @Context
    @Nullable
    ResourceInfo resource;

    @Override
    public void filter(ContainerRequestContext request) {
        Method method = resource == null ? null : resource.getResourceMethod();
        if (method == null
                || WITHOUT.contains(request.getMethod())
                || !request.getUriInfo().getPath().startsWith("/api/")
                || !hasBody(request)
                || KnownParameters.isPage(method)
                || Arrays.stream(method.getParameters()).anyMatch(NoBody::isBody)) {
            return;
        }
        throw new ProblemException(Problem.ofFields(
                400, "Unexpected body", List.of(new Problem.FieldError("body", "is not taken here; leave it out"))));
    }

    private static boolean hasBody(ContainerRequestContext request) {
        return request.getLength() > NOTHING || request.getHeaders().containsKey(TRANSFER_ENCODING);
    }

    /** What is no part of the path, the query or the headers. */
    private static boolean isBody(Parameter parameter) {
        return Arrays.stream(parameter.getAnnotations())
                .map(Annotation::annotationType)
                .map(Class::getPackageName)
                .noneMatch(name -> name.startsWith("jakarta.ws.rs") || name.startsWith("org.jboss.resteasy"));
    }
}
