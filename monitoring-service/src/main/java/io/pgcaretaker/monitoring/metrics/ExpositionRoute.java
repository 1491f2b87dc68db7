package io.pgcaretaker.monitoring.metrics;

import io.pgcaretaker.monitoring.SituationRoom;
import io.pgcaretaker.monitoring.collect.Catalogue;
import io.quarkus.vertx.http.ManagementInterface;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** {@code /metrics} on the management port, where postgres_exporter has it. */
@Singleton
class ExpositionRoute {

    private static final Pattern HOSTS = Pattern.compile("jdbc:postgresql://([^/?]+).*");

    private final SituationRoom room;
    private final Exposition exposition;

    ExpositionRoute(
            SituationRoom room,
            Catalogue catalogue,
            @ConfigProperty(name = "quarkus.datasource.jdbc.url") Optional<String> url) {
        this.room = room;
        this.exposition = new Exposition(catalogue, server(url.orElse("")));
    }

    private static String server(String url) {
        Matcher hosts = HOSTS.matcher(url);
        return hosts.matches() ? hosts.group(1) : "";
    }

    void register(@Observes ManagementInterface management) {
        management
                .router()
                .get("/metrics")
                .handler(request -> request.response()
                        .putHeader("Content-Type", TextFormat.CONTENT_TYPE)
                        .end(exposition.text(room.now())));
    }
}
