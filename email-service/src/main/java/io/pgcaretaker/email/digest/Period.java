package io.pgcaretaker.email.digest;

import io.pgcaretaker.email.Kind;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAdjusters;

/** How often somebody is told what came to pass. All times are UTC. */
enum Period {
    DAY(Kind.DAILY_DIGEST),
    WEEK(Kind.WEEKLY_DIGEST);

    private final Kind kind;

    Period(Kind kind) {
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }

    /** The end of the last whole one: at this time of the day, and of a week on its Monday. */
    Instant end(Instant now, LocalTime at) {
        OffsetDateTime today = now.atOffset(ZoneOffset.UTC).with(at);
        OffsetDateTime last = today.toInstant().isAfter(now) ? today.minusDays(1) : today;
        return (this == DAY ? last : last.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY))).toInstant();
    }

    Instant begin(Instant end) {
        return end.atOffset(ZoneOffset.UTC).minusDays(this == DAY ? 1 : 7).toInstant();
    }
}
