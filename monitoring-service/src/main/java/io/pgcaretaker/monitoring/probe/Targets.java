package io.pgcaretaker.monitoring.probe;

import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.monitoring.Disabled;
import io.pgcaretaker.monitoring.MonitoringConfig;
import io.pgcaretaker.monitoring.Situation;
import io.pgcaretaker.monitoring.collect.Catalogue;
import io.pgcaretaker.monitoring.collect.Connector;
import io.pgcaretaker.monitoring.collect.Lane;
import io.pgcaretaker.monitoring.collect.Pace;
import io.pgcaretaker.monitoring.metrics.Exposition;
import io.pgcaretaker.startup.WrongSetting;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Looks at all targets, each on its own clock; one that hangs holds nobody up but itself. */
@Singleton
class Targets {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    /** A target that hangs holds one of them for a deadline. */
    private static final int MOST_THREADS = 32;

    private record Watched(Target target, Exposition exposition) {}

    private final Map<String, Watched> watched = new LinkedHashMap<>();
    private final Situation.Freshness freshness;
    private final Duration interval;
    private final Clock clock;
    private final Map<String, Instant> dues = new HashMap<>();
    private final Set<String> busy = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads;

    Targets(MonitoringConfig config, Clock clock) {
        this.interval = config.collect().fastInterval();
        this.clock = clock;
        this.freshness = Situation.Freshness.of(config.collect());
        Supplier<Catalogue> catalogues =
                Catalogue.forTargets(config.metrics().top(), config.collect().budget());
        config.targets().forEach((name, given) -> {
            check(name);
            Target target = target(name, given, catalogues.get(), config, clock);
            Exposition exposition = Exposition.ofOneOfMany(
                    target.catalogue(), name, config.metrics().compat());
            watched.put(name, new Watched(target, exposition));
        });
        this.threads = Executors.newFixedThreadPool(Math.max(1, Math.min(MOST_THREADS, watched.size())), work -> {
            Thread thread = new Thread(work, "caretaker-target");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** It stands in metrics and in URLs, where an address with its password must not; so it is not repeated here either. */
    static void check(String name) {
        if (!NAME.matcher(name).matches()) {
            throw WrongSetting.because(new IllegalArgumentException(
                    "caretaker.monitoring.targets: a name must be letters, digits, . _ and -, at most 63 of them"));
        }
    }

    static DatabaseUrl url(String name, String url) {
        try {
            return DatabaseUrl.parse(url);
        } catch (IllegalArgumentException e) {
            throw WrongSetting.because(
                    new IllegalArgumentException("caretaker.monitoring.targets." + name + ".url " + e.getMessage(), e));
        }
    }

    private static Target target(
            String name, MonitoringConfig.Target given, Catalogue catalogue, MonitoringConfig config, Clock clock) {
        DatabaseUrl url = url(name, given.url());
        MonitoringConfig.Collect collect = config.collect();
        Connector connector = new Connector(
                url.jdbcUrl(),
                Objects.requireNonNullElse(url.username(), ""),
                Objects.requireNonNullElse(url.password(), ""),
                collect.deadline());
        return new Target(
                catalogue,
                (readings, contact) -> new Lane(connector, readings, contact, clock, collect.deadline(), name),
                Map.of(
                        Pace.FAST, collect.fastInterval(),
                        Pace.MEDIUM, collect.mediumInterval(),
                        Pace.COSTLY, collect.costlyInterval(),
                        Pace.SLOW, collect.slowInterval()),
                clock,
                given.scaleToZero() ? Optional.of(sleeper(given)) : Optional.empty());
    }

    /** Where nobody can say whether it sleeps, nobody connects. */
    private static Target.Sleeper sleeper(MonitoringConfig.Target given) {
        ControlPlane controlPlane = given.neon()
                .<ControlPlane>map(neon -> new NeonClient(neon, NeonClient.DEADLINE))
                .orElse(() -> ComputeState.UNKNOWN);
        return new Target.Sleeper(controlPlane, new SleepPolicy(given.leaveAfter()));
    }

    /** Each has its second of the interval: a hundred looks at once would starve everything else that has a deadline. */
    @Scheduled(every = "1s", skipExecutionIf = Disabled.class, concurrentExecution = ConcurrentExecution.SKIP)
    void tick() {
        Instant now = clock.instant();
        int number = 0;
        for (Map.Entry<String, Watched> each : watched.entrySet()) {
            Duration offset = interval.multipliedBy(number++).dividedBy(watched.size());
            Instant due = dues.computeIfAbsent(each.getKey(), name -> now.plus(offset));
            if (!now.isBefore(due) && busy.add(each.getKey())) {
                dues.put(each.getKey(), next(due, now));
                threads.execute(() -> look(each.getKey(), each.getValue().target()));
            }
        }
    }

    /** Keeps to its beat, and does not make up for what was missed. */
    private Instant next(Instant due, Instant now) {
        Instant next = due.plus(interval);
        return next.isAfter(now) ? next : now.plus(interval);
    }

    private void look(String name, Target target) {
        try {
            target.tick();
        } finally {
            busy.remove(name);
        }
    }

    /** The metrics of a target; empty when none has that name. */
    Optional<Exposition.Body> exposition(String name) {
        return Optional.ofNullable(watched.get(name)).map(each -> {
            Target.State state = each.target().state();
            List<Exposition.Extra> extras = List.of(
                    Exposition.Extra.gauge(
                            "caretaker_target_state",
                            "What is known of the target; always 1.",
                            Map.of("state", state.word()),
                            1),
                    Exposition.Extra.counter(
                            "caretaker_wakeups_caused_total",
                            "How often a connection of ours woke a sleeping database.",
                            Map.of(),
                            (double) each.target().wakeups()));
            boolean awake = state == Target.State.UP || state == Target.State.DOWN;
            return each.exposition().body(each.target().situation(freshness), extras, awake);
        });
    }

    @PreDestroy
    void close() {
        threads.shutdownNow();
        watched.values().forEach(each -> each.target().close());
    }
}
