package io.pgcaretaker.monitoring.metrics;

import io.pgcaretaker.monitoring.MonitoringConfig;
import io.pgcaretaker.monitoring.SituationRoom;
import io.pgcaretaker.monitoring.collect.Catalogue;
import io.pgcaretaker.monitoring.collect.Looked;
import io.pgcaretaker.monitoring.custom.CustomMetrics;
import io.quarkus.vertx.http.ManagementInterface;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** {@code /metrics} on the management port, where postgres_exporter has it. */
@Singleton
class ExpositionRoute {

    private static final Pattern HOSTS = Pattern.compile("jdbc:postgresql://([^/?]+).*");

    /** The database that is looked after is never asleep while its services run; targets count their own. */
    private static final List<Exposition.Extra> WAKEUPS = List.of(Exposition.Extra.counter(
            "caretaker_wakeups_caused_total", "How often a connection of ours woke a sleeping database.", Map.of(), 0));

    private final SituationRoom room;
    private final Exposition exposition;

    ExpositionRoute(
            SituationRoom room,
            Catalogue catalogue,
            CustomMetrics custom,
            MonitoringConfig config,
            @ConfigProperty(name = "quarkus.datasource.jdbc.url") Optional<String> url) {
        this.room = room;
        this.exposition = new Exposition(
                Stream.concat(catalogue.all().stream(), custom.collectors().stream())
                        .toList(),
                server(url.orElse("")),
                config.metrics().compat());
    }

    private static String server(String url) {
        Matcher hosts = HOSTS.matcher(url);
        return hosts.matches() ? hosts.group(1) : "";
    }

    void register(@Observes ManagementInterface management) {
        management
                .router()
                .get("/metrics")
                .handler(request -> ExpositionBody.answer(request, exposition.body(room.now(), WAKEUPS, true)));
    }

    /** On the thread that looked, which nobody waits for. */
    void looked(@Observes Looked looked) {
        exposition.prepare(room.now());
    }
}
