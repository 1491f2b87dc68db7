package io.pgcaretaker.cleanup.policy;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import org.jspecify.annotations.Nullable;

/**
 * When a policy runs. A slot is the beginning of an interval, or the last time that the cron expression names; it is the
 * same for every replica.
 *
 * @param every the interval; with a cron expression the longest from one time to the next
 * @param cron five fields as crontab has them, in UTC; absent: by the interval
 */
public record Rhythm(Duration every, @Nullable String cron) {

    private static final CronParser PARSER = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

    private static final Duration LONGEST = Duration.ofDays(366);

    public Rhythm {
        if (every.compareTo(Duration.ofMinutes(1)) < 0 || every.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("every must be between 1 minute and 366 days, but is '" + every + "'");
        }
    }

    /** By a cron expression. */
    static Rhythm ofCron(String expression) {
        ExecutionTime times = ExecutionTime.forCron(parse(expression));
        ZonedDateTime first = times.nextExecution(ZonedDateTime.parse("2026-01-01T00:00:00Z"))
                .orElseThrow(() -> new IllegalArgumentException("cron never comes: '" + expression + "'"));
        Duration apart = longestPause(times, first);
        // A leap day comes every fourth year; how far apart runs are says how far a clock may leap, no more than this.
        return new Rhythm(apart.compareTo(LONGEST) > 0 ? LONGEST : apart, expression);
    }

    /** In the year from then on: of one day the last time, and the next one. */
    private static Duration longestPause(ExecutionTime times, ZonedDateTime first) {
        Duration longest = times.nextExecution(first)
                .map(second -> Duration.between(first, second))
                .orElse(LONGEST);
        ZonedDateTime at = first;
        while (at.isBefore(first.plus(LONGEST))) {
            ZonedDateTime last = times.lastExecution(
                            at.toLocalDate().plusDays(1).atStartOfDay(ZoneOffset.UTC))
                    .orElse(at);
            ZonedDateTime next = times.nextExecution(last).orElse(last.plus(LONGEST));
            Duration pause = Duration.between(last, next);
            longest = pause.compareTo(longest) > 0 ? pause : longest;
            at = next;
        }
        return longest;
    }

    private static Cron parse(String expression) {
        try {
            return PARSER.parse(expression).validate();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "cron must have five fields such as '30 3 * * *', but is '" + expression + "'", e);
        }
    }

    /** The slot that {@code now} lies in. */
    public Instant slot(Instant now) {
        if (cron == null) {
            long seconds = every.toSeconds();
            return Instant.ofEpochSecond(Math.floorDiv(now.getEpochSecond(), seconds) * seconds);
        }
        // A second further, since a time that is now counts as come.
        ZonedDateTime from = now.atZone(ZoneOffset.UTC).plusSeconds(1);
        return ExecutionTime.forCron(parse(cron))
                .lastExecution(from)
                .map(ZonedDateTime::toInstant)
                .orElse(Instant.EPOCH);
    }
}
