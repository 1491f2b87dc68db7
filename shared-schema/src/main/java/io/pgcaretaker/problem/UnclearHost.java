package io.pgcaretaker.problem;

import io.vertx.core.VertxException;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/**
 * A request of HTTP/1.1 that does not say which host, or says one that cannot be, is the caller's fault. Quarkus alone logs an
 * error with the path as it came, in which a link that restores may stand.
 */
@Singleton
class UnclearHost {

    /** Before Quarkus' own, which is the last. */
    private static final int FIRST = -100;

    private static final int BAD_REQUEST = 400;

    private final PlainAnswer answer;

    UnclearHost(PlainAnswer answer) {
        this.answer = answer;
    }

    void register(@Observes Router router) {
        router.route().order(FIRST).failureHandler(this::refuse);
    }

    /** What the router itself refuses, before any route. */
    private void refuse(RoutingContext context) {
        if (context.statusCode() != BAD_REQUEST
                || !(context.failure() instanceof VertxException)
                || context.response().headWritten()) {
            context.next();
            return;
        }
        Problem problem = Problem.of(
                BAD_REQUEST, "Bad Request", "the request must say which host it is for, once (Host: name:port)");
        answer.send(context, problem)
                .onComplete(sent -> context.request().connection().close());
    }
}
