package io.pgcaretaker.monitoring.collect;

import io.pgcaretaker.monitoring.MonitoringConfig;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Puts the collecting parts together: two lanes, so that nothing slow holds up a heartbeat. */
final class Collection {

    private Collection() {}

    @Singleton
    static class Parts {

        @Produces
        @Singleton
        Readings readings() {
            return new Readings();
        }

        @Produces
        @Singleton
        Contact contact() {
            return new Contact();
        }

        @Produces
        @Singleton
        Catalogue catalogue(MonitoringConfig config) {
            return Catalogue.load(new Catalogue.Parameters(
                    config.alerts().failedAuthenticationsWindow(),
                    config.tokens().table(),
                    config.metrics().top(),
                    config.collect().budget(),
                    config.activity()));
        }

        @Produces
        @Singleton
        Connector connector(
                MonitoringConfig config,
                @ConfigProperty(name = "quarkus.datasource.jdbc.url") Optional<String> url,
                @ConfigProperty(name = "quarkus.datasource.username") Optional<String> username,
                @ConfigProperty(name = "quarkus.datasource.password") Optional<String> password) {
            return new Connector(
                    url.orElse(""),
                    username.orElse(""),
                    password.orElse(""),
                    config.collect().deadline());
        }
    }

    /** The two connections. */
    @ApplicationScoped
    static class Lanes {

        private final Catalogue catalogue;
        private final Readings readings;
        private final Contact contact;
        private final Lane light;
        private final Lane heavy;

        Lanes(
                Catalogue catalogue,
                Connector connector,
                Readings readings,
                Contact contact,
                Clock clock,
                MonitoringConfig config) {
            this.catalogue = catalogue;
            this.readings = readings;
            this.contact = contact;
            Duration deadline = config.collect().deadline();
            this.light = new Lane(connector, readings, contact, clock, deadline);
            // What the heavy lane meets says nothing about the database being there: the light one looks every few
            // seconds, and its word counts.
            this.heavy = new Lane(connector, readings, new Contact(), clock, deadline);
        }

        void fast() {
            light.pass(catalogue.of(Pace.FAST));
        }

        void medium() {
            heavy.pass(catalogue.of(Pace.MEDIUM));
        }

        void costly() {
            List<Collector> all = catalogue.of(Pace.COSTLY);
            heavy.pass(all.stream()
                    .filter(collector -> !collector.asksForEveryRelation())
                    .toList());
            heavy.passAlone(all.stream().filter(Collector::asksForEveryRelation).toList());
        }

        /** Lets those look again whose turn came while there was no database; false when there are none, or still is none. */
        boolean catchUp() {
            boolean done = false;
            if (contact.loss().isEmpty()) {
                done |= catchUp(Pace.MEDIUM, this::medium);
                done |= catchUp(Pace.COSTLY, this::costly);
                done |= catchUp(Pace.SLOW, this::slow);
            }
            return done;
        }

        private boolean catchUp(Pace pace, Runnable pass) {
            boolean missed = catalogue.of(pace).stream()
                    .anyMatch(collector -> readings.of(collector.name()).outcome() == CollectOutcome.NO_CONNECTION);
            if (missed) {
                pass.run();
            }
            return missed;
        }

        void heavy(List<Collector> collectors) {
            heavy.pass(collectors);
        }

        void recycle() {
            heavy.recycle();
        }

        void anew() {
            heavy.anew();
        }

        void slow() {
            heavy.pass(catalogue.of(Pace.SLOW));
            heavy.recycle();
        }

        @PreDestroy
        void close() {
            light.close();
            heavy.close();
        }
    }
}
