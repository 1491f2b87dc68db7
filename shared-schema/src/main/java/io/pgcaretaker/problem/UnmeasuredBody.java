package io.pgcaretaker.problem;

import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.ConstrainedTo;
import jakarta.ws.rs.RuntimeType;
import jakarta.ws.rs.ext.Provider;
import jakarta.ws.rs.ext.ReaderInterceptor;
import jakarta.ws.rs.ext.ReaderInterceptorContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.server.vertx.VertxInputStream;

/**
 * A body that does not say its length, such as a chunked one, is read up to the limit here and answered as one that does.
 * Quarkus alone ends the request with a 413 that has no words.
 */
@Provider
@ConstrainedTo(RuntimeType.SERVER)
public class UnmeasuredBody implements ReaderInterceptor {

    /** One after Quarkus' own, which sets the limit of every request. */
    private static final int PRIORITY = 1;

    private static final int DRAINED_TIMES = 32;
    private static final Duration DRAIN = Duration.ofSeconds(10);
    private static final int PART = 8192;

    private final int limit;

    UnmeasuredBody(@ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize limit) {
        this.limit = Math.toIntExact(limit.asLongValue());
    }

    void register(@Observes Filters filters) {
        filters.register(UnmeasuredBody::takeOver, PRIORITY);
    }

    private static void takeOver(RoutingContext context) {
        if (!context.request().headers().contains(HttpHeaders.CONTENT_LENGTH)) {
            context.put(VertxInputStream.MAX_REQUEST_SIZE_KEY, Long.MAX_VALUE);
        }
        context.next();
    }

    @Override
    public Object aroundReadFrom(ReaderInterceptorContext context) throws IOException {
        if (!context.getHeaders().containsKey(HttpHeaders.CONTENT_LENGTH.toString())) {
            context.setInputStream(new ByteArrayInputStream(whole(context.getInputStream())));
        }
        return context.proceed();
    }

    private byte[] whole(InputStream stream) throws IOException {
        byte[] body = stream.readNBytes(limit + 1);
        if (body.length > limit) {
            drain(stream);
            throw new ProblemException(BodyLimit.tooLarge(limit));
        }
        return body;
    }

    /** The caller comes to read the answer when the rest of its body is taken; there is an end to that too. */
    private void drain(InputStream stream) throws IOException {
        long end = System.nanoTime() + DRAIN.toNanos();
        long left = (long) limit * DRAINED_TIMES;
        byte[] part = new byte[PART];
        int read = stream.read(part);
        while (read >= 0 && left > 0 && System.nanoTime() < end) {
            left -= read;
            read = stream.read(part);
        }
    }
}
