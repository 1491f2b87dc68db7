package io.pgcaretaker.monitoring.collect;

import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.monitoring.MonitoringConfig.Compat;
import io.pgcaretaker.monitoring.Situation;
import io.pgcaretaker.monitoring.metrics.Exposition;
import io.pgcaretaker.monitoring.neighbour.Neighbours;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A lane over a database of a test's choice, ticked by hand. */
public final class Probe implements AutoCloseable {

    private static final Duration AMPLE = Duration.ofSeconds(10);

    public final Readings readings = new Readings();
    public final Contact contact = new Contact();
    private final Clock clock;
    private final Catalogue catalogue;
    private final Lane lane;

    public Probe(String databaseUrl, Clock clock, Duration deadline) {
        this(databaseUrl, clock, deadline, 20);
    }

    public Probe(String databaseUrl, Clock clock, Duration deadline, int top) {
        this(databaseUrl, clock, deadline, top, AMPLE);
    }

    public Probe(String databaseUrl, Clock clock, Duration deadline, int top, Duration budget) {
        this(databaseUrl, clock, deadline, top, budget, Map.of());
    }

    /** One that counts what users do. */
    public static Probe withActivity(String databaseUrl, Clock clock, Map<String, String> activity) {
        return new Probe(databaseUrl, clock, Duration.ofSeconds(10), 20, AMPLE, activity);
    }

    private Probe(
            String databaseUrl,
            Clock clock,
            Duration deadline,
            int top,
            Duration budget,
            Map<String, String> activity) {
        DatabaseUrl url = DatabaseUrl.parse(databaseUrl);
        this.clock = clock;
        this.catalogue = Catalogue.load(
                new Catalogue.Parameters(Duration.ofMinutes(10), "password_reset_tokens", top, budget, activity));
        this.lane = new Lane(
                new Connector(url.jdbcUrl(), String.valueOf(url.username()), String.valueOf(url.password()), deadline),
                readings,
                contact,
                clock,
                deadline);
    }

    public void fast() {
        lane.pass(catalogue.of(Pace.FAST));
    }

    public void all() {
        lane.pass(catalogue.all());
    }

    public void run(List<Collector> collectors) {
        lane.pass(collectors);
    }

    public void runAlone(List<Collector> collectors) {
        lane.passAlone(collectors);
    }

    public void anew() {
        lane.anew();
    }

    public List<Collector> collectors() {
        return catalogue.all();
    }

    public Situation situation() {
        return new Situation(
                readings,
                contact,
                new Neighbours(),
                new Situation.Freshness(
                        Duration.ofSeconds(20), Duration.ofSeconds(60), Duration.ofMinutes(4), Duration.ofMinutes(20)),
                clock);
    }

    public String exposition(Compat compat) {
        return new Exposition(catalogue, "localhost", compat).text(situation());
    }

    /** The part that was seen, by one that keeps its text and by one of many that makes it anew. */
    public List<String> keptAndMade(Compat compat) {
        return Stream.of(
                        new Exposition(catalogue, "localhost", compat),
                        Exposition.ofOneOfMany(catalogue, "localhost", compat))
                .map(exposition ->
                        exposition.body(situation(), List.of(), true).database().toString())
                .toList();
    }

    @Override
    public void close() {
        lane.close();
    }
}
