package io.pgcaretaker.monitoring;

import io.pgcaretaker.monitoring.collect.Collector;
import io.pgcaretaker.monitoring.collect.Contact;
import io.pgcaretaker.monitoring.collect.Pace;
import io.pgcaretaker.monitoring.collect.Reading;
import io.pgcaretaker.monitoring.collect.Readings;
import io.pgcaretaker.monitoring.collect.Row;
import io.pgcaretaker.monitoring.neighbour.Neighbour;
import io.pgcaretaker.monitoring.neighbour.Neighbours;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** What is known at one moment, for who judges it: health and the alert rules see the same. */
public final class Situation {

    private final Readings readings;
    private final Contact contact;
    private final Neighbours neighbours;
    private final Freshness freshness;
    private final Instant now;

    /** How old a reading may be to be taken for the present, by its pace. */
    public record Freshness(Duration fast, Duration medium, Duration costly, Duration slow) {

        /** Three missed looks, and what a look may take. */
        public static Freshness of(MonitoringConfig.Collect collect) {
            return new Freshness(
                    collect.fastInterval().multipliedBy(3).plus(collect.deadline()),
                    collect.mediumInterval().multipliedBy(3).plus(collect.deadline()),
                    collect.costlyInterval().multipliedBy(3).plus(collect.deadline()),
                    collect.slowInterval().multipliedBy(3).plus(collect.deadline()));
        }

        Duration of(Pace pace) {
            return switch (pace) {
                case FAST -> fast;
                case MEDIUM -> medium;
                case COSTLY -> costly;
                case SLOW -> slow;
            };
        }
    }

    public Situation(Readings readings, Contact contact, Neighbours neighbours, Freshness freshness, Clock clock) {
        this.readings = readings;
        this.contact = contact;
        this.neighbours = neighbours;
        this.freshness = freshness;
        this.now = clock.instant();
    }

    public Instant now() {
        return now;
    }

    public Contact contact() {
        return contact;
    }

    public List<Neighbour> neighbours() {
        return neighbours.all();
    }

    public Readings readings() {
        return readings;
    }

    public Reading reading(String collector) {
        return readings.of(collector);
    }

    /** The database answered, and not too long ago. */
    public boolean isDatabaseUp() {
        return contact.loss().isEmpty()
                && contact.lastSeen()
                        .filter(seen -> !seen.isBefore(now.minus(freshness.fast())))
                        .isPresent();
    }

    public boolean isFreshFast(String collector) {
        return readings.of(collector).isFresh(now, freshness.fast());
    }

    public boolean isFreshMedium(String collector) {
        return readings.of(collector).isFresh(now, freshness.medium());
    }

    public boolean isFreshCostly(String collector) {
        return readings.of(collector).isFresh(now, freshness.costly());
    }

    public boolean isFreshSlow(String collector) {
        return readings.of(collector).isFresh(now, freshness.slow());
    }

    /** By whatever pace its collector has; false for one that has never seen anything. */
    public boolean isFresh(String collector) {
        return readings.pace(collector)
                .map(pace -> readings.of(collector).isFresh(now, freshness.of(pace)))
                .orElse(false);
    }

    public boolean isFresh(Collector collector) {
        return readings.of(collector.name()).isFresh(now, oldest(collector));
    }

    /** How old its reading may be to be taken for the present. */
    public Duration oldest(Collector collector) {
        return collector
                .interval()
                .map(interval -> interval.multipliedBy(3).plus(freshness.fast()))
                .orElseGet(() -> freshness.of(collector.pace()));
    }

    /** Absent when they were never seen, as without the grant: whoever sees them sees their own. */
    public OptionalLong connectionsUsed() {
        long used = sum("connections", "count");
        return used == 0 ? OptionalLong.empty() : OptionalLong.of(used);
    }

    public long connectionsLimit() {
        return readings.of("server").rows().single().count("max_connections");
    }

    /** Of the limit; absent when it is not known now. A server that refuses us for lack of connections is at 100. */
    public OptionalDouble connectionsPercent() {
        if (contact.loss().filter(loss -> loss == Contact.Loss.FULL).isPresent()) {
            return OptionalDouble.of(100);
        }
        if (!isFreshFast("connections")
                || connectionsLimit() == 0
                || connectionsUsed().isEmpty()) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(100.0 * connectionsUsed().getAsLong() / connectionsLimit());
    }

    /** Statements that run longer than this, the longest first. */
    public List<Row> queriesOver(Duration limit) {
        double seconds = limit.toMillis() / 1000.0;
        return readings.of("running_queries").rows().list().stream()
                .filter(query -> query.number("seconds") > seconds)
                .toList();
    }

    /** The size of the database that is looked after; absent when it is not known. */
    public OptionalDouble databaseBytes() {
        return readings.of("database").rows().list().stream()
                .filter(row -> row.flag("own") && row.has("size_bytes"))
                .mapToDouble(row -> row.number("size_bytes"))
                .findFirst();
    }

    private long sum(String collector, String column) {
        return readings.of(collector).rows().list().stream()
                .mapToLong(row -> row.count(column))
                .sum();
    }
}
