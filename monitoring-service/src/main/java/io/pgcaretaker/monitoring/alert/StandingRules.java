package io.pgcaretaker.monitoring.alert;

import io.pgcaretaker.monitoring.Limits;
import io.pgcaretaker.monitoring.collect.Row;
import io.pgcaretaker.monitoring.neighbour.Neighbours;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The rules that every database has. */
public final class StandingRules {

    public static final String DATABASE_DOWN = "database-down";

    /** How long each must last before anybody is told. */
    public record Patience(Duration connections, Duration databaseDown, Duration serviceDown) {}

    private final Limits limits;
    private final Patience patience;
    private final OutageRules outages;

    public StandingRules(Limits limits, Patience patience) {
        this.limits = limits;
        this.patience = patience;
        this.outages = new OutageRules(patience);
    }

    public List<Rule> all() {
        return Stream.concat(
                        Stream.of(
                                connections(),
                                longQuery(),
                                storage(),
                                failedAuthentications(),
                                outages.databaseDown(),
                                CleanupRules.needsApproval()),
                        Stream.concat(
                                Stream.of(Neighbours.CLEANUP, Neighbours.EMAIL).map(outages::serviceDown),
                                CheckRules.all()))
                .toList();
    }

    private Rule connections() {
        return new Rule(
                "connections",
                Severity.WARNING,
                patience.connections(),
                Map.of(),
                "See who holds them: GET /api/monitoring/metrics, connections by application and state. "
                        + "Idle ones in number mean a pool that is too large or leaks.",
                situation -> {
                    OptionalDouble percent = situation.connectionsPercent();
                    if (percent.isEmpty()) {
                        return Observation.notSeen(situation.reading("connections"));
                    }
                    String value = percent(percent.getAsDouble()) + " ("
                            + situation.connectionsUsed().orElse(0) + " of " + situation.connectionsLimit() + ")";
                    return percent.getAsDouble() > limits.connectionsPercent()
                            ? new Observation.Wrong(
                                    "The database is running out of connections",
                                    value,
                                    percent(limits.connectionsPercent()))
                            : new Observation.Well(value);
                });
    }

    private Rule longQuery() {
        return new Rule(
                "long-query",
                Severity.WARNING,
                Duration.ZERO,
                Map.of(),
                "See what runs and what it waits for: GET /api/monitoring/metrics, queries. "
                        + "A statement that waits for a lock is not slow itself: look at who blocks it.",
                situation -> {
                    if (!situation.isFreshFast("running_queries")) {
                        return Observation.notSeen(situation.reading("running_queries"));
                    }
                    List<Row> queries = situation.queriesOver(limits.longQuery());
                    if (queries.isEmpty()) {
                        return new Observation.Well("none");
                    }
                    double longest = queries.stream()
                            .mapToDouble(query -> query.number("seconds"))
                            .max()
                            .orElse(0);
                    return new Observation.Wrong(
                            "Queries run longer than they should",
                            String.format(Locale.ROOT, "%d, the longest for %.0f s", queries.size(), longest),
                            seconds(limits.longQuery()));
                });
    }

    private Rule storage() {
        return new Rule(
                "storage",
                Severity.WARNING,
                Duration.ZERO,
                Map.of(),
                "See the largest tables: GET /api/monitoring/metrics, storage. "
                        + "Then more storage, a retention policy, or a vacuum of what is bloated.",
                situation -> {
                    Long limit = limits.storageBytes();
                    if (limit == null) {
                        return new Observation.Skipped("caretaker.monitoring.storage-limit is not set");
                    }
                    OptionalDouble size = situation.databaseBytes();
                    if (size.isEmpty() || !situation.isFreshSlow("database")) {
                        return Observation.notSeen(situation.reading("database"));
                    }
                    double percent = 100 * size.getAsDouble() / limit;
                    String value = String.format(
                            Locale.ROOT, "%.0f %% (%.0f of %.0f MB)", percent, size.getAsDouble() / 1e6, limit / 1e6);
                    return percent > limits.storagePercent()
                            ? new Observation.Wrong(
                                    "The database is running out of storage", value, percent(limits.storagePercent()))
                            : new Observation.Well(value);
                });
    }

    private Rule failedAuthentications() {
        return new Rule(
                "failed-authentications",
                Severity.WARNING,
                Duration.ZERO,
                Map.of(),
                "See the networks and accounts they come from: GET /api/monitoring/security. "
                        + "Many accounts from one network is a password list being tried.",
                situation -> {
                    if (!situation.isFreshFast("security_events")) {
                        return Observation.notSeen(situation.reading("security_events"));
                    }
                    long failed =
                            situation.reading("security_events").rows().single().count("failed_authentications");
                    String window = " in " + seconds(limits.failedAuthenticationsWindow());
                    return failed > limits.failedAuthentications()
                            ? new Observation.Wrong(
                                    "Many sign-ins fail", failed + window, limits.failedAuthentications() + window)
                            : new Observation.Well(failed + window);
                });
    }

    private static String percent(double value) {
        return String.format(Locale.ROOT, "%.0f %%", value);
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%s s", plain(duration.toMillis() / 1000.0));
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }

    /** For people: the rules' names, as a silence may name them. */
    public static String names(List<Rule> rules) {
        return rules.stream().map(Rule::name).distinct().collect(Collectors.joining(", "));
    }
}
