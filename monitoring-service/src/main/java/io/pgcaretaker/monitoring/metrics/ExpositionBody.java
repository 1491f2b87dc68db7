package io.pgcaretaker.monitoring.metrics;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

/** Answers a scrape. */
public final class ExpositionBody {

    private ExpositionBody() {}

    /** Nothing of the size of a scrape is made for one: as garbage it had every eighteenth wait for its collection. */
    public static void answer(RoutingContext request, Exposition.Body body) {
        HttpServerResponse response = request.response()
                .putHeader("Content-Type", TextFormat.CONTENT_TYPE)
                .putHeader(
                        "Content-Length",
                        String.valueOf(body.own().length() + body.database().length()));
        if (HttpMethod.HEAD.equals(request.request().method())) {
            response.end();
            return;
        }
        response.write(body.own());
        response.end(body.database());
    }
}
