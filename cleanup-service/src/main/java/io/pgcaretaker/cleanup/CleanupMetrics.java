package io.pgcaretaker.cleanup;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What Prometheus is told of clean-up; docs/metrics.md lists it. Labels are names of policies, tables and states. */
public final class CleanupMetrics {

    private static final List<String> NOTICE_STATES =
            List.of("waiting", "accepted", "delivered", "undeliverable", "held");

    /** How a run ends that somebody has to see to. */
    private static final List<String> UNWELL_STATES = List.of("failed", "refused", "needs-approval");

    private static final List<String> HELD_STATES = List.of("guarded", "unguarded", "missing");

    private final MeterRegistry registry;
    private final Map<String, AtomicReference<@Nullable Duration>> lags = new ConcurrentHashMap<>();
    private final Map<String, AtomicLong> notices = new ConcurrentHashMap<>();
    private final Map<String, AtomicLong> heldTables = new ConcurrentHashMap<>();
    private final Map<String, AtomicLong> armed = new ConcurrentHashMap<>();
    private final Map<String, AtomicLong> intervals = new ConcurrentHashMap<>();
    private final Map<String, AtomicLong> lastRuns = new ConcurrentHashMap<>();

    public CleanupMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    public void batch(String policy, Map<String, Long> rows) {
        counter("caretaker.cleanup.batches", "Batches committed.", Tags.of("policy", policy))
                .increment();
        rows.forEach((table, count) -> counter(
                        "caretaker.cleanup.rows.deleted",
                        "Rows deleted, dependents included.",
                        Tags.of("policy", policy, "table", table))
                .increment(count));
    }

    public void runEnded(String policy, String mode, String state, String reason, Duration took) {
        counter(
                        "caretaker.cleanup.runs",
                        "Runs that ended, by closing state and stop reason.",
                        Tags.of("policy", policy, "mode", mode, "state", state, "reason", reason))
                .increment();
        Timer.builder("caretaker.cleanup.run")
                .description("How long runs took.")
                .tags(Tags.of("policy", policy, "state", state))
                .register(registry)
                .record(took);
    }

    public void breakerTripped(String policy, String limit) {
        counter(
                        "caretaker.cleanup.breaker.trips",
                        "Breakers that tripped, by limit.",
                        Tags.of("policy", policy, "limit", limit))
                .increment();
    }

    public void throttled(String policy, String reason, Duration rested) {
        counter(
                        "caretaker.cleanup.throttled.seconds",
                        "How long runs rested for the server's sake.",
                        Tags.of("policy", policy, "reason", reason))
                .increment(rested.toMillis() / 1000.0);
    }

    /** The age of the oldest row that should be gone already, beyond its retention; absent: nobody knows. */
    public void retentionLag(String policy, @Nullable Duration lag) {
        lags.computeIfAbsent(policy, this::registerLag).set(lag);
    }

    /** 1 when the policy is armed or has nothing to do here, 0 when something is in its way. */
    public void policyArmed(String policy, String word) {
        boolean well = word.equals("armed") || word.equals("not-applicable");
        armed.computeIfAbsent(policy, this::registerArmed).set(well ? 1 : 0);
    }

    /** How long a row may be overdue by the policy's own rhythm: a weekly one is no alert after two days. */
    public void policyInterval(String policy, Duration every) {
        intervals
                .computeIfAbsent(
                        policy,
                        name -> register(
                                "caretaker.cleanup.policy.interval.seconds",
                                "How often the policy runs; of a cron expression the longest pause.",
                                Tags.of("policy", name)))
                .set(every.toSeconds());
    }

    /** How the last run of the policy ended that did end; empty: none has. Every state has a number, and keeps it over restarts. */
    public void lastRun(String policy, String ended) {
        for (String state : UNWELL_STATES) {
            lastRuns.computeIfAbsent(
                            policy + " " + state,
                            key -> register(
                                    "caretaker.cleanup.last.run",
                                    "1 where the last run that ended did so in this state.",
                                    Tags.of("policy", policy, "state", state)))
                    .set(state.equals(ended) ? 1 : 0);
        }
    }

    /** Tables in which rows are held, by what keeps other clients from deleting those; a state without any is 0. */
    public void heldTables(Map<String, ? extends Collection<String>> byState) {
        for (String state : HELD_STATES) {
            Collection<String> tables = byState.get(state);
            heldTables
                    .computeIfAbsent(
                            state,
                            name -> register(
                                    "caretaker.cleanup.held.tables",
                                    "Tables in which rows are held, by what keeps other clients from deleting those.",
                                    Tags.of("state", name)))
                    .set(tables == null ? 0 : tables.size());
        }
    }

    /** Open deletion notices by state; a state without any is 0. */
    public void notices(String policy, Map<String, Long> byState) {
        for (String state : NOTICE_STATES) {
            notices.computeIfAbsent(
                            policy + " " + state,
                            key -> register(
                                    "caretaker.cleanup.notices",
                                    "Open deletion notices, by state.",
                                    Tags.of("policy", policy, "state", state)))
                    .set(byState.getOrDefault(state, 0L));
        }
    }

    private AtomicLong registerArmed(String policy) {
        return register(
                "caretaker.cleanup.policy.ok",
                "1 where the policy is armed or not applicable, 0 where something is in its way.",
                Tags.of("policy", policy));
    }

    private Counter counter(String name, String description, Tags tags) {
        return Counter.builder(name).description(description).tags(tags).register(registry);
    }

    private AtomicLong register(String gauge, String description, Tags tags) {
        AtomicLong value = new AtomicLong();
        Gauge.builder(gauge, value, AtomicLong::doubleValue)
                .description(description)
                .tags(tags)
                .register(registry);
        return value;
    }

    private AtomicReference<@Nullable Duration> registerLag(String policy) {
        AtomicReference<@Nullable Duration> value = new AtomicReference<>();
        Gauge.builder("caretaker.cleanup.retention.lag", value, CleanupMetrics::seconds)
                .description("Age of the oldest overdue row beyond its retention.")
                .baseUnit("seconds")
                .tags(Tags.of("policy", policy))
                .register(registry);
        return value;
    }

    private static double seconds(AtomicReference<@Nullable Duration> value) {
        Duration lag = value.get();
        return lag == null ? Double.NaN : lag.toSeconds();
    }
}
