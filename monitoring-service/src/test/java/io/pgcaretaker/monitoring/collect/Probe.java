package io.pgcaretaker.monitoring.collect;

import io.pgcaretaker.database.DatabaseUrl;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** A lane over a database of a test's choice, ticked by hand. */
public final class Probe implements AutoCloseable {

    public final Readings readings = new Readings();
    public final Contact contact = new Contact();
    private final Catalogue catalogue =
            Catalogue.load(new Catalogue.Parameters(Duration.ofMinutes(10), "password_reset_tokens"));
    private final Lane lane;

    public Probe(String databaseUrl, Clock clock, Duration deadline) {
        DatabaseUrl url = DatabaseUrl.parse(databaseUrl);
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

    public void anew() {
        lane.recycle();
    }

    public List<Collector> collectors() {
        return catalogue.all();
    }

    @Override
    public void close() {
        lane.close();
    }
}
