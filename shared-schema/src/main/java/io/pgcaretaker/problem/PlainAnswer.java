package io.pgcaretaker.problem;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;

/** A problem's answer where no route has been found yet, in the words of the route that it would have been. */
@Singleton
class PlainAnswer {

    private final Instance<ProblemFormat> formats;
    private final ObjectMapper json;

    PlainAnswer(@Any Instance<ProblemFormat> formats, ObjectMapper json) {
        this.formats = formats;
        this.json = json;
    }

    /** The connection is the caller's to close. */
    Future<Void> send(RoutingContext context, Problem problem) {
        String path = String.valueOf(context.request().path());
        ProblemFormat format = formats.stream()
                .filter(candidate -> candidate.appliesTo(path))
                .findFirst()
                .orElse(null);
        return context.response()
                .setStatusCode(problem.status())
                .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
                .putHeader(HttpHeaders.CONTENT_TYPE, format == null ? Problem.MEDIA_TYPE : "application/json")
                .end(write(format == null ? problem : format.body(problem)));
    }

    private String write(Object body) {
        try {
            return json.writeValueAsString(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a problem is plain data", e);
        }
    }
}
