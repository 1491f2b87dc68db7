package io.pgcaretaker.monitoring.metrics;

import io.pgcaretaker.monitoring.MonitoringConfig;
import io.pgcaretaker.monitoring.SituationRoom;
import io.pgcaretaker.monitoring.Standby;
import io.pgcaretaker.monitoring.collect.Catalogue;
import io.pgcaretaker.monitoring.collect.Looked;
import io.pgcaretaker.monitoring.custom.CustomMetrics;
import io.quarkus.vertx.http.ManagementInterface;
import io.vertx.core.http.HttpMethod;
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
    private static final Exposition.Extra WAKEUPS = Exposition.Extra.counter(
            "caretaker_wakeups_caused_total", "How often a connection of ours woke a sleeping database.", Map.of(), 0);

    private final SituationRoom room;
    private final Standby standby;
    private final Exposition exposition;

    ExpositionRoute(
            SituationRoom room,
            Standby standby,
            Catalogue catalogue,
            CustomMetrics custom,
            MonitoringConfig config,
            @ConfigProperty(name = "quarkus.datasource.jdbc.url") Optional<String> url) {
        this.room = room;
        this.standby = standby;
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
                .route("/metrics")
                .method(HttpMethod.GET)
                .method(HttpMethod.HEAD)
                .handler(request -> ExpositionBody.answer(request, body()));
    }

    /** On the thread that looked, which nobody waits for. */
    void looked(@Observes Looked looked) {
        exposition.prepare(room.now(), standby.isSilent());
    }

    private Exposition.Body body() {
        boolean silent = standby.isSilent();
        Exposition.Extra speaks = Exposition.Extra.gauge(
                "caretaker_speaks_for_database",
                "1 where the database's metrics are at this replica, 0 where they are at another.",
                Map.of(),
                silent ? 0 : 1);
        return exposition.body(room.now(), List.of(WAKEUPS, speaks), true, silent);
    }
}
