package io.pgcaretaker.monitoring.probe;

import io.pgcaretaker.monitoring.metrics.ExpositionBody;
import io.quarkus.vertx.http.ManagementInterface;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/** {@code /probe?target=NAME} on the management port. A target is asked for by its name; an address is never taken. */
@Singleton
class ProbeRoute {

    private static final String PROBLEM = "application/problem+json";

    private final Targets targets;

    ProbeRoute(Targets targets) {
        this.targets = targets;
    }

    void register(@Observes ManagementInterface management) {
        management
                .router()
                .route("/probe")
                .method(HttpMethod.GET)
                .method(HttpMethod.HEAD)
                .handler(this::answer);
    }

    private void answer(RoutingContext request) {
        String name = request.request().getParam("target");
        if (name == null) {
            end(request, 400, PROBLEM, """
                    {"title":"Bad request","status":400,"errors":[{"field":"target","rule":"must be the name of a target"}]}""");
            return;
        }
        targets.exposition(name)
                .ifPresentOrElse(body -> ExpositionBody.answer(request, body), () -> end(request, 404, PROBLEM, """
                        {"title":"Not found","status":404,"detail":"no such target"}"""));
    }

    private static void end(RoutingContext request, int status, String type, String body) {
        request.response().setStatusCode(status).putHeader("Content-Type", type).end(body);
    }
}
