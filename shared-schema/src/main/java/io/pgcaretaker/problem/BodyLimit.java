package io.pgcaretaker.problem;

import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * A body over the limit is answered as any other error is. Quarkus alone closes the connection while the caller still sends,
 * so that most never read the 413.
 */
@Singleton
class BodyLimit {

    /** One before Quarkus' own, whose order is -2. */
    private static final int PRIORITY = 3;

    /** So long the rest of a body is taken and thrown away, for the caller to come to read the answer. */
    private static final Duration DRAIN = Duration.ofSeconds(10);

    private static final int DRAINED_TIMES = 32;

    private final long limit;
    private final PlainAnswer answer;

    BodyLimit(@ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize limit, PlainAnswer answer) {
        this.limit = limit.asLongValue();
        this.answer = answer;
    }

    void register(@Observes Filters filters) {
        filters.register(this::check, PRIORITY);
    }

    private void check(RoutingContext context) {
        long length = length(context.request());
        if (length <= limit) {
            context.next();
            return;
        }
        refuse(context, length > limit * DRAINED_TIMES);
    }

    /** What is no number, or given twice, is the server's to refuse; a body without a length is {@link UnmeasuredBody}'s. */
    private static long length(HttpServerRequest request) {
        try {
            String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private void refuse(RoutingContext context, boolean atOnce) {
        HttpServerRequest request = context.request();
        HttpConnection connection = request.connection();
        // Who waits for a 100 sends no body after this.
        boolean drains = !atOnce && !request.headers().contains(HttpHeaders.EXPECT);
        request.handler(chunk -> {});
        request.endHandler(read -> connection.close());
        answer.send(context, tooLarge(limit)).onComplete(sent -> {
            if (drains) {
                request.resume();
                context.vertx().setTimer(DRAIN.toMillis(), late -> connection.close());
            } else {
                connection.close();
            }
        });
    }

    static Problem tooLarge(long limit) {
        return Problem.ofFields(
                413,
                "Content Too Large",
                List.of(new Problem.FieldError("body", "must have at most " + limit + " bytes")));
    }
}
