package io.pgcaretaker.monitoring.health;

import static io.pgcaretaker.monitoring.health.HealthReport.Result.FAIL;
import static io.pgcaretaker.monitoring.health.HealthReport.Result.PASS;

import io.pgcaretaker.monitoring.Limits;
import io.pgcaretaker.monitoring.Situation;
import io.pgcaretaker.monitoring.collect.Contact;
import io.pgcaretaker.monitoring.collect.Row;
import io.pgcaretaker.monitoring.health.HealthReport.Check;
import io.pgcaretaker.monitoring.neighbour.Neighbour;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the situation amounts to: without the database nothing is healthy, anything else degrades. */
public final class HealthPolicy {

    static final String DATABASE = "database";

    /** A standby further behind than this is not a copy to fail over to. */
    private static final Duration REPLICATION_LAG = Duration.ofSeconds(60);

    private final Limits limits;

    public HealthPolicy(Limits limits) {
        this.limits = limits;
    }

    public HealthReport judge(Situation situation) {
        List<Check> checks = new ArrayList<>();
        Check database = database(situation);
        checks.add(database);
        if (database.status() == PASS) {
            checks.add(connections(situation));
            checks.add(longQueries(situation));
            checks.add(storage(situation));
            if (hasReplication(situation)) {
                checks.add(replication(situation));
            }
        }
        situation.neighbours().forEach(neighbour -> checks.add(service(neighbour)));
        return new HealthReport(status(checks), situation.now(), checks);
    }

    private static HealthReport.Status status(List<Check> checks) {
        List<String> failed = checks.stream()
                .filter(check -> check.status() == FAIL)
                .map(Check::name)
                .toList();
        if (failed.contains(DATABASE)) {
            return HealthReport.Status.UNHEALTHY;
        }
        return failed.isEmpty() ? HealthReport.Status.HEALTHY : HealthReport.Status.DEGRADED;
    }

    private static Check database(Situation situation) {
        Contact.Loss loss = situation.contact().loss().orElse(null);
        if (loss == Contact.Loss.FULL) {
            return new Check(DATABASE, PASS, "answers, but " + loss.words());
        }
        if (loss != null) {
            String since = situation
                    .contact()
                    .current()
                    .map(outage -> since(outage.start()))
                    .orElse("");
            return new Check(DATABASE, FAIL, loss.words() + since);
        }
        if (situation.isDatabaseUp()) {
            return new Check(DATABASE, PASS, "answers");
        }
        return situation
                .contact()
                .lastSeen()
                .map(seen -> new Check(DATABASE, FAIL, "has not answered since " + seen))
                .orElseGet(() -> new Check(DATABASE, FAIL, "has not been looked at yet"));
    }

    private Check connections(Situation situation) {
        OptionalDouble percent = situation.connectionsPercent();
        if (percent.isEmpty()) {
            return new Check("connections", FAIL, "not known: " + reason(situation, "connections"));
        }
        String details = String.format(
                Locale.ROOT,
                "%.0f %% of the limit in use, fails over %d %%",
                percent.getAsDouble(),
                limits.connectionsPercent());
        return new Check("connections", percent.getAsDouble() > limits.connectionsPercent() ? FAIL : PASS, details);
    }

    private Check longQueries(Situation situation) {
        if (!situation.isFreshFast("running_queries")) {
            return new Check("long_queries", FAIL, "not known: " + reason(situation, "running_queries"));
        }
        int number = situation.queriesOver(limits.longQuery()).size();
        return new Check(
                "long_queries",
                number == 0 ? PASS : FAIL,
                number + " running longer than " + Words.seconds(limits.longQuery()));
    }

    private Check storage(Situation situation) {
        Long limit = limits.storageBytes();
        if (limit == null) {
            return new Check("storage", PASS, "no limit configured");
        }
        OptionalDouble size = situation.databaseBytes();
        if (size.isEmpty() || !situation.isFreshSlow("database")) {
            return new Check("storage", FAIL, "not known: " + reason(situation, "database"));
        }
        double percent = 100 * size.getAsDouble() / limit;
        String details = String.format(
                Locale.ROOT, "%.0f %% of the limit in use, fails over %d %%", percent, limits.storagePercent());
        return new Check("storage", percent > limits.storagePercent() ? FAIL : PASS, details);
    }

    private static boolean hasReplication(Situation situation) {
        return !situation.reading("standbys").rows().isEmpty()
                || !situation.reading("slots").rows().isEmpty()
                || situation.reading("replication").rows().single().count("is_replica") == 1;
    }

    private static Check replication(Situation situation) {
        if (!situation.isFreshMedium("standbys")) {
            return new Check("replication", FAIL, "not known: " + reason(situation, "standbys"));
        }
        List<String> faults = new ArrayList<>();
        double limit = REPLICATION_LAG.toSeconds();
        long behind = count(situation, "standbys", row -> row.number("lag_seconds") > limit);
        long inactive = count(situation, "slots", row -> row.has("active") && !row.flag("active"));
        if (behind > 0) {
            faults.add(behind + " standbys are more than " + Words.seconds(REPLICATION_LAG) + " behind");
        }
        if (inactive > 0) {
            faults.add(inactive + " slots have no consumer and hold back WAL");
        }
        Row standby = situation.reading("replication").rows().single();
        if (standby.count("disconnected") == 1) {
            faults.add("this standby has no connection to its primary");
        }
        if (standby.number("lag_seconds") > limit) {
            faults.add("this standby is more than " + Words.seconds(REPLICATION_LAG) + " behind");
        }
        return faults.isEmpty()
                ? new Check("replication", PASS, "keeps up")
                : new Check("replication", FAIL, faults.stream().collect(Collectors.joining("; ")));
    }

    private static long count(Situation situation, String collector, java.util.function.Predicate<Row> fault) {
        return situation.reading(collector).rows().list().stream().filter(fault).count();
    }

    private static Check service(Neighbour neighbour) {
        if (neighbour.lookedAt() == null) {
            return new Check(neighbour.name(), PASS, "has not been looked at yet");
        }
        return neighbour.isDown()
                ? new Check(neighbour.name(), FAIL, neighbour.error() + since(neighbour.downSince()))
                : new Check(neighbour.name(), PASS, "answers");
    }

    private static String since(@Nullable Instant begin) {
        return begin == null ? "" : " since " + begin.truncatedTo(ChronoUnit.SECONDS);
    }

    private static String reason(Situation situation, String collector) {
        String reason = situation.reading(collector).reason();
        return reason == null ? "the last look is too old" : reason;
    }
}
