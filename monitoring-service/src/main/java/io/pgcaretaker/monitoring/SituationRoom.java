package io.pgcaretaker.monitoring;

import io.pgcaretaker.monitoring.collect.Contact;
import io.pgcaretaker.monitoring.collect.Readings;
import io.pgcaretaker.monitoring.neighbour.Neighbours;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;

/** Hands out the present situation. */
@Singleton
public class SituationRoom {

    private final Readings readings;
    private final Contact contact;
    private final Neighbours neighbours;
    private final Situation.Freshness freshness;
    private final Limits limits;
    private final Clock clock;

    SituationRoom(Readings readings, Contact contact, Neighbours neighbours, MonitoringConfig config, Clock clock) {
        this.readings = readings;
        this.contact = contact;
        this.neighbours = neighbours;
        this.freshness = Situation.Freshness.of(config.collect());
        this.limits = Limits.of(config);
        this.clock = clock;
    }

    public Situation now() {
        return new Situation(readings, contact, neighbours, freshness, clock);
    }

    @Produces
    @Singleton
    Limits limits() {
        return limits;
    }
}
