package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.util.Map;
import java.util.SortedSet;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs whose cutoff lies about the moment at which a zone's clocks change: no row goes early, and no run fails. */
class ZonesDbTest extends CleanupDbTest {

    private static final int[] MINUTES = {-30, -20, 0, 15, 29, 45, 61};

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Europe/Berlin",
                "America/New_York",
                "America/Santiago",
                "Africa/Casablanca",
                "Australia/Lord_Howe"
            })
    void noRowGoesEarlyWhereTheClocksChange(String name) throws Exception {
        ZoneId zone = ZoneId.of(name);
        ZoneOffsetTransition first = zone.getRules().nextTransition(Instant.parse("2024-12-31T00:00:00Z"));
        ZoneOffsetTransition second = zone.getRules().nextTransition(first.getInstant());
        assertThat(first.isGap()).isNotEqualTo(second.isGap());
        for (ZoneOffsetTransition transition : new ZoneOffsetTransition[] {first, second}) {
            for (int minutes : MINUTES) {
                assertNoneGoesEarly(zone, transition, Duration.ofMinutes(minutes));
            }
        }
    }

    /** Names of zones, and to PostgreSQL abbreviations of their winter's time: in summer the canary took each row for an hour younger. */
    @ParameterizedTest
    @ValueSource(strings = {"CET", "EET", "MET", "WET"})
    void aZoneIsNotTakenForTheAbbreviationOfItsWinter(String name) throws Exception {
        Instant summer = Instant.parse("2024-07-01T12:00:00Z");
        database.execute("create table events (id int primary key, at timestamp); create index on events (at, id);"
                + " insert into events values (1, '%s'), (2, '%s'); analyze events"
                        .formatted(
                                LocalDateTime.ofInstant(summer.minusSeconds(1800), ZoneId.of(name)),
                                LocalDateTime.ofInstant(summer.plusSeconds(1800), ZoneId.of(name))));
        TestWorker worker = new TestWorker(
                database,
                TestPolicy.of(
                                "old-events",
                                "events",
                                "PT" + Duration.between(summer, Instant.now()).toSeconds() + "S")
                        .with("age", "{ column: at, means: event, zone: " + name + " }")
                        .settings(Map.of()));

        UUID id = worker.runNow("old-events");

        assertThat(run(id, "state || coalesce(stop_detail, '')")).isEqualTo("completed");
        assertThat(texts("select id from events")).containsExactly("2");
    }

    private void assertNoneGoesEarly(ZoneId zone, ZoneOffsetTransition transition, Duration after) throws Exception {
        LocalDateTime start =
                LocalDateTime.ofInstant(transition.getInstant(), zone).minusHours(4);
        database.execute("""
                drop table if exists events;
                create table events (id int primary key, at timestamp);
                insert into events select n, timestamp '%s' + n * interval '1 minute 1 s' from generate_series(1, 360) as n;
                create index on events (at, id);
                analyze events
                """.formatted(start));
        SortedSet<String> all = times();
        Duration retention = Duration.between(transition.getInstant().plus(after), Instant.now());
        TestWorker worker = new TestWorker(
                database,
                TestPolicy.of("old-events", "events", "PT" + retention.toSeconds() + "S")
                        .with("age", "{ column: at, means: event, zone: " + zone + " }")
                        .settings(Map.of()));

        UUID id = worker.runNow("old-events");
        if (run(id, "state").equals("needs-approval")) {
            // Its retention is shorter than that of the run before.
            worker.approve(id, all.size());
        }

        assertThat(run(id, "state || coalesce(stop_detail, '')"))
                .as(transition + " " + after)
                .isEqualTo("completed");
        Instant cutoff = Instant.ofEpochSecond(Long.parseLong(run(id, "ceil(extract(epoch from cutoff))::bigint")));
        all.removeAll(times());
        assertThat(all).as("more than the canary looks at").hasSizeGreaterThan(100);
        assertThat(all)
                .as(transition + " " + after)
                .allSatisfy(gone ->
                        assertThat(latest(LocalDateTime.parse(gone), zone)).isBefore(cutoff));
    }

    private SortedSet<String> times() throws Exception {
        return texts("select replace(at::text, ' ', 'T') from events");
    }

    /** The last moment that a time of day can mean. */
    private static Instant latest(LocalDateTime local, ZoneId zone) {
        return local.atZone(zone).withLaterOffsetAtOverlap().toInstant();
    }
}
