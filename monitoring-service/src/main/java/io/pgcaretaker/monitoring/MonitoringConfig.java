package io.pgcaretaker.monitoring;

import io.pgcaretaker.startup.StrictBoolean;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

/** What is watched, how often, and when it is worth a mail. */
@ConfigMapping(prefix = "caretaker.monitoring")
public interface MonitoringConfig {

    /** {@code MONITORING_ENABLED}: false means no timers, no alerts, no mails; health looks once when asked. */
    @WithDefault("true")
    @WithConverter(StrictBoolean.class)
    boolean enabled();

    /** {@code ALERT_EMAIL}: who is written to when an incident opens and closes; absent: nobody, incidents are kept. */
    Optional<@Email(message = "must be an e-mail address") String> alertEmail();

    /** {@code MONITORING_PUBLIC_URL}: where operators reach this service; what is told elsewhere links there. */
    Optional<
                    @Pattern(
                            regexp = "https?://[^\\s?#/@]+(/[^\\s?#]*)?",
                            message = "must be an http or https address without user and password")
                    String>
            publicUrl();

    /** How large the database may become, as the disk or the plan allows; absent: the storage rule is skipped. */
    Optional<MemorySize> storageLimit();

    Collect collect();

    Metrics metrics();

    /** Other databases that are watched too, by name; read at {@code /probe?target=name} on the management port. */
    Map<String, Target> targets();

    /** What users do, by name: each a select of one number with one parameter, the beginning of the time. */
    Map<
                    String,
                    @Pattern(
                            regexp = "(?is)\\s*(select|with)\\b.*\\?.*",
                            message = "must be a select with one parameter, the question mark")
                    String>
            activity();

    /** Metrics of the operator's own, in YAML. */
    Optional<String> customMetricsFile();

    History history();

    Latency latency();

    Reports reports();

    Alerts alerts();

    Neighbours neighbours();

    Security security();

    Tokens tokens();

    /** Collection runs on its own clock and never on a reader's. */
    interface Collect {
        /** Connections, running queries, failed logins. */
        @WithDefault("5s")
        @DurationMin(seconds = 1, message = "must be at least 1 second, but is ${validatedValue}")
        @DurationMax(hours = 1, message = "must be at most 1 hour, but is ${validatedValue}")
        Duration fastInterval();

        /** Statistics views and locks. */
        @WithDefault("15s")
        @DurationMin(seconds = 1, message = "must be at least 1 second, but is ${validatedValue}")
        @DurationMax(hours = 24, message = "must be at most 24 hours, but is ${validatedValue}")
        Duration mediumInterval();

        /** What reads something of every table or statement. */
        @WithDefault("1m")
        @DurationMin(seconds = 1, message = "must be at least 1 second, but is ${validatedValue}")
        @DurationMax(hours = 24, message = "must be at most 24 hours, but is ${validatedValue}")
        Duration costlyInterval();

        /** A collector that takes longer in the database goes on with aggregates, where it has some. */
        @WithDefault("300ms")
        @DurationMin(millis = 10, message = "must be at least 10 ms, but is ${validatedValue}")
        @DurationMax(seconds = 60, message = "must be at most 60 seconds, but is ${validatedValue}")
        Duration budget();

        /** Sizes, checks, settings, tokens. */
        @WithDefault("5m")
        @DurationMin(seconds = 1, message = "must be at least 1 second, but is ${validatedValue}")
        @DurationMax(hours = 24, message = "must be at most 24 hours, but is ${validatedValue}")
        Duration slowInterval();

        /** After this a connection that does not answer is given up; the server cancels a statement a second before. */
        @WithDefault("4s")
        @DurationMin(seconds = 2, message = "must be at least 2 seconds, but is ${validatedValue}")
        @DurationMax(seconds = 60, message = "must be at most 60 seconds, but is ${validatedValue}")
        Duration deadline();
    }

    /** What {@code /metrics} holds. */
    interface Metrics {
        /** How many tables, indexes and statements have series of their own; the others are one together. */
        @WithDefault("20")
        @Min(value = 1, message = "must be 1 to 500, but is ${validatedValue}")
        @Max(value = 500, message = "must be 1 to 500, but is ${validatedValue}")
        int top();

        /** {@code legacy}: also the names of older exporters. */
        @WithDefault("none")
        Compat compat();
    }

    /** Which names beside the present ones. */
    enum Compat {
        NONE,
        LEGACY
    }

    /** Another database. */
    interface Target {
        /** As {@code DATABASE_URL}. */
        String url();

        /** It sleeps when nobody is there, and nothing of ours may keep it awake or wake it. */
        @WithDefault("false")
        @WithConverter(StrictBoolean.class)
        boolean scaleToZero();

        /** How long nobody else may have done anything before we leave. */
        @WithDefault("1m")
        @DurationMin(seconds = 1, message = "must be at least 1 second, but is ${validatedValue}")
        @DurationMax(hours = 1, message = "must be at most 1 hour, but is ${validatedValue}")
        Duration leaveAfter();

        /** Who knows whether it sleeps; without, it is never connected to. */
        Optional<Neon> neon();
    }

    /** Neon's control plane. */
    interface Neon {
        @WithDefault("https://console.neon.tech/api/v2")
        @HttpAddress
        URI api();

        String project();

        String endpoint();

        String apiKey();
    }

    /** What is kept over time. */
    interface History {
        /** How often statements, sizes and the schema are written down. */
        @WithDefault("5m")
        @DurationMin(seconds = 1, message = "must be at least 1 second, but is ${validatedValue}")
        @DurationMax(hours = 24, message = "must be at most 24 hours, but is ${validatedValue}")
        Duration interval();

        @WithDefault("30d")
        @DurationMin(days = 1, message = "must be at least 1 day, but is ${validatedValue}")
        Duration statementRetention();

        /** Of sizes, and of what the schema once was. */
        @WithDefault("366d")
        @DurationMin(days = 2, message = "must be at least 2 days, but is ${validatedValue}")
        Duration sizeRetention();
    }

    /** How long the application's statements take. */
    interface Latency {
        /** Over how long it is measured; cleanup-service rests by it. */
        @WithDefault("15s")
        @DurationMin(seconds = 1, message = "must be at least 1 second, but is ${validatedValue}")
        @DurationMax(minutes = 5, message = "must be at most 5 minutes, but is ${validatedValue}")
        Duration window();
    }

    /** What goes out by mail without anything being wrong. */
    interface Reports {
        /** Which ones. */
        @WithDefault("weekly,monthly")
        Optional<List<ReportPeriod>> periods();

        /** At what hour, UTC. */
        @WithDefault("7")
        @Min(value = 0, message = "must be 0 to 23, but is ${validatedValue}")
        @Max(value = 23, message = "must be 0 to 23, but is ${validatedValue}")
        int hour();

        /** Who gets them; absent: {@code ALERT_EMAIL}. */
        Optional<List<@Email(message = "must be an e-mail address") String>> recipients();
    }

    /** The standing rules' limits. */
    interface Alerts {
        /** How often the rules are looked at. */
        @WithDefault("5s")
        @DurationMin(seconds = 1, message = "must be at least 1 second, but is ${validatedValue}")
        @DurationMax(hours = 1, message = "must be at most 1 hour, but is ${validatedValue}")
        Duration evaluateInterval();

        /** Alert rules of the operator's own, in YAML. */
        Optional<String> rulesFile();

        /** A Prometheus Alertmanager that is told too, such as {@code http://alertmanager:9093}. */
        Optional<@HttpAddress URI> alertmanagerUrl();

        /** How often the Alertmanager is told what fires; less than its {@code resolve_timeout}. */
        @WithDefault("30s")
        @DurationMin(seconds = 1, message = "must be at least 1 second, but is ${validatedValue}")
        @DurationMax(minutes = 4, message = "must be at most 4 minutes, but is ${validatedValue}")
        Duration resendInterval();

        /** Gets each incident as JSON when it opens and when it closes; may hold a secret. */
        Optional<@HttpAddress URI> webhookUrl();

        /** How often mails that wait are handed to email-service. */
        @WithDefault("2s")
        @DurationMin(seconds = 1, message = "must be at least 1 second, but is ${validatedValue}")
        @DurationMax(hours = 1, message = "must be at most 1 hour, but is ${validatedValue}")
        Duration handOverInterval();

        /** A reminder while an incident is open and not acknowledged; absent: none. */
        Optional<@DurationMin(minutes = 1, message = "must be at least 1 minute, but is ${validatedValue}") Duration>
                repeatInterval();

        /** How long all must be well before an incident is closed, so that a value on the edge is one incident. */
        @WithDefault("30s")
        @DurationMin(seconds = 0, message = "must not be negative, but is ${validatedValue}")
        @DurationMax(hours = 24, message = "must be at most 24 hours, but is ${validatedValue}")
        Duration keepFiring();

        /** How long an incident is kept behind its end, and a silence behind its own. */
        @WithDefault("366d")
        @DurationMin(days = 31, message = "must be at least 31 days, but is ${validatedValue}")
        Duration retention();

        @WithDefault("80")
        @Min(value = 1, message = "must be 1 to 100, but is ${validatedValue}")
        @Max(value = 100, message = "must be 1 to 100, but is ${validatedValue}")
        int connectionsPercent();

        @WithDefault("30s")
        @DurationMin(seconds = 0, message = "must not be negative, but is ${validatedValue}")
        Duration connectionsFor();

        @WithDefault("5s")
        @DurationMin(millis = 100, message = "must be at least 100 ms, but is ${validatedValue}")
        Duration longQuery();

        @WithDefault("80")
        @Min(value = 1, message = "must be 1 to 100, but is ${validatedValue}")
        @Max(value = 100, message = "must be 1 to 100, but is ${validatedValue}")
        int storagePercent();

        /** More failed authentications than this in the window open an incident. */
        @WithDefault("10")
        @Min(value = 1, message = "must be at least 1, but is ${validatedValue}")
        int failedAuthentications();

        @WithDefault("10m")
        @DurationMin(minutes = 1, message = "must be at least 1 minute, but is ${validatedValue}")
        @DurationMax(hours = 24, message = "must be at most 24 hours, but is ${validatedValue}")
        Duration failedAuthenticationsWindow();

        /** A restart that is over sooner is no incident. */
        @WithDefault("15s")
        @DurationMin(seconds = 0, message = "must not be negative, but is ${validatedValue}")
        Duration databaseDownFor();

        /** A roll-out that is over sooner is no incident. */
        @WithDefault("1m")
        @DurationMin(seconds = 0, message = "must not be negative, but is ${validatedValue}")
        Duration serviceDownFor();
    }

    /** cleanup-service and email-service. */
    interface Neighbours {
        @WithDefault("5s")
        @DurationMin(seconds = 1, message = "must be at least 1 second, but is ${validatedValue}")
        @DurationMax(hours = 1, message = "must be at most 1 hour, but is ${validatedValue}")
        Duration interval();
    }

    /** Events that the application reports. */
    interface Security {
        /** Months of events that are wholly older than this are dropped. */
        @WithDefault("180d")
        @DurationMin(days = 31, message = "must be at least 31 days, but is ${validatedValue}")
        Duration retention();

        /** How often partitions are made ahead and old ones dropped. */
        @WithDefault("1h")
        @DurationMin(seconds = 1, message = "must be at least 1 second, but is ${validatedValue}")
        @DurationMax(hours = 24, message = "must be at most 24 hours, but is ${validatedValue}")
        Duration upkeepInterval();

        /** {@code SECURITY_PSEUDONYM_KEY}: keeps account and address hashes from being guessed; absent: one kept in the database. */
        Optional<@PseudonymKeyRule String> pseudonymKey();
    }

    /** The application's password reset tokens. */
    interface Tokens {
        /** Looked up in every schema; needs the columns {@code expires_at} and {@code used}. */
        @WithDefault("password_reset_tokens")
        String table();
    }
}
