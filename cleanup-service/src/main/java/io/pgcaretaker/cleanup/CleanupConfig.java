package io.pgcaretaker.cleanup;

import io.pgcaretaker.cleanup.archive.Compression;
import io.pgcaretaker.cleanup.policy.Mode;
import io.pgcaretaker.cleanup.policy.Notice;
import io.pgcaretaker.startup.StrictBoolean;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.TrimmedStringConverter;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

/** Everything that can be set about clean-up. */
@ConfigMapping(prefix = "caretaker.cleanup")
public interface CleanupConfig {

    /** {@code CLEANUP_MODE}: {@code shadow} counts and deletes nothing, {@code enforce} deletes. */
    @WithDefault("shadow")
    Mode mode();

    /** {@code USER_RETENTION_DAYS}: how long a soft-deleted user is kept. */
    @WithDefault("30")
    @Min(value = 1, message = "must be at least 1 day, but is ${validatedValue}")
    @Max(value = 36_500, message = "must be at most 36500 days, but is ${validatedValue}")
    int userRetentionDays();

    /** {@code CLEANUP_INTERVAL_HOURS}: how often soft-deleted users are looked for. */
    @WithDefault("24")
    @Min(value = 1, message = "must be at least 1 hour, but is ${validatedValue}")
    @Max(value = 8_760, message = "must be at most 8760 hours, but is ${validatedValue}")
    int intervalHours();

    /** {@code USER_NOTICE_DAYS}: how long before the purge a soft-deleted user is told; unset: nobody is. */
    OptionalInt userNoticeDays();

    /** What becomes of a user whose notice cannot be delivered. */
    @WithDefault("purge")
    Notice.Undeliverable userNoticeUndeliverable();

    /** {@code CLEANUP_PUBLIC_URL}: how the people who get deletion notices reach this service. */
    Optional<
                    @Pattern(
                            regexp = "https?://[^\\s?#/@]+(/[^\\s?#]*)?",
                            message = "must be an http or https address without user and password")
                    String>
            publicUrl();

    /** How often deletion notices are decided on, handed to email-service and followed up. */
    @WithDefault("1m")
    @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
    Duration noticeInterval();

    /** {@code ALERT_EMAIL}: who gets the run reports; unset means nobody. */
    Optional<
                    @Pattern(
                            regexp = "[^@\\s,]+@[^@\\s,]+",
                            message = "must be one e-mail address, but is ${validatedValue}")
                    String>
            alertEmail();

    /** {@code CLEANUP_POLICIES_FILE}: policies in YAML, added to those that are shipped. */
    Optional<Path> policiesFile();

    /** How often a worker looks whether there is something to do. */
    @WithDefault("2s")
    @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
    Duration pollInterval();

    /**
     * How often the age of the oldest overdue row is measured, looked up how each last run ended, and looked after the guard of held
     * rows.
     */
    @WithDefault("5m")
    @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
    Duration lagInterval();

    /** How often mails that were decided on are handed to email-service. */
    @WithDefault("5s")
    @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
    Duration mailInterval();

    /** How long runs that deleted nothing, and mails that were handed over, are kept. */
    @WithDefault("90d")
    @DurationMin(days = 30, message = "must be at least 30d, but is ${validatedValue}")
    Duration keepHistory();

    /** After so long without a sign of its owner, another worker carries a run on. */
    @WithDefault("60s")
    @DurationMin(seconds = 1, message = "must be at least 1s, but is ${validatedValue}")
    @DurationMax(minutes = 60, message = "must be at most 1h, but is ${validatedValue}")
    Duration lease();

    /** How long a run is carried before it gives way to another one that waits, and goes on after it. */
    @WithDefault("1m")
    @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
    Duration turn();

    /** The longest a statement of a batch may take; the lease must be longer. */
    @WithDefault("5s")
    @DurationMin(millis = 100, message = "must be at least 100ms, but is ${validatedValue}")
    Duration statementTimeout();

    /** The longest a batch waits for a row that the application has locked. */
    @WithDefault("250ms")
    @DurationMin(millis = 1, message = "must be at least 1ms, but is ${validatedValue}")
    Duration lockTimeout();

    /** Rest after a batch, in times of how long the batch took. */
    @WithDefault("0.5")
    @DecimalMin(value = "0", message = "must be 0 or more, but is ${validatedValue}")
    double nice();

    /**
     * How many windows of blocks a run takes at once, each in a session of its own, where it does not rest ({@code nice} 0) and
     * its rows have nothing to do with other tables' rows; 1: one after the other.
     */
    @WithDefault("2")
    @Min(value = 1, message = "must be 1 or 2, but is ${validatedValue}")
    @Max(value = 2, message = "must be 1 or 2, but is ${validatedValue}")
    int windowsAtOnce();

    /** How far the clocks of the database and of this process may be apart. */
    @WithDefault("60s")
    @DurationMin(seconds = 1, message = "must be at least 1s, but is ${validatedValue}")
    Duration maxClockSkew();

    /** What all policies and replicas together may delete; unset: no common limit. */
    @Min(value = 1, message = "must be at least 1, but is ${validatedValue}")
    OptionalLong rowsPerSecond();

    /** When the server is to be left alone. */
    ThrottleSettings throttle();

    /** What to do when standbys are connected and their lag cannot be seen. */
    enum UnknownLag {
        /** As if there were none. */
        RUN,
        REST
    }

    /** Whether something is looked at. */
    enum Watch {
        WATCH,
        IGNORE
    }

    /** A run rests between batches while any of these is exceeded. */
    interface ThrottleSettings {

        /** WAL that the slowest standby has not replayed yet. */
        @WithDefault("64M")
        MemorySize replicaLag();

        /** WAL that the farthest behind replication slot keeps. */
        @WithDefault("4G")
        MemorySize slotRetained();

        /** Finished WAL files that wait for the archiver. */
        @WithDefault("42")
        @Min(value = 1, message = "must be at least 1, but is ${validatedValue}")
        int archiveBacklog();

        /** What to do when standbys are connected and the role may not see their lag. */
        @WithDefault("rest")
        UnknownLag unknownLag();

        /** Whether monitoring-service is asked how long the application's statements take. */
        @WithDefault("watch")
        Watch applicationLatency();

        /** In times of how long the same statements usually take. */
        @WithDefault("2")
        @DecimalMin(value = "1.1", message = "must be 1.1 or more, but is ${validatedValue}")
        double applicationSlowdown();

        /** What the application's statements may take on average; unset: any time. */
        Optional<@DurationMin(millis = 1, message = "must be at least 1ms, but is ${validatedValue}") Duration>
                applicationMean();

        /** So long a run rests for its own table; then it waits, and the worker goes on to others. */
        @WithDefault("10s")
        @DurationMin(millis = 1, message = "must be at least 1ms, but is ${validatedValue}")
        @DurationMax(minutes = 60, message = "must be at most 1h, but is ${validatedValue}")
        Duration longestTableRest();
    }

    /** Where the action {@code archive} writes its files; on a volume that outlives the service. */
    Optional<Path> archiveDirectory();

    /** How the files of the action {@code archive} are compressed. */
    @WithDefault("zstd")
    Compression archiveCompression();

    /** A bucket instead of a directory. */
    S3Settings archiveS3();

    /** Any S3-compatible store. */
    interface S3Settings {

        /** {@code CLEANUP_ARCHIVE_S3_BUCKET}; unset: none. */
        Optional<String> bucket();

        /** What the names of all objects begin with, such as {@code caretaker/}. */
        Optional<String> prefix();

        @WithDefault("us-east-1")
        String region();

        /** {@code CLEANUP_ARCHIVE_S3_ENDPOINT}; unset: AWS's of the region. */
        Optional<URI> endpoint();

        /** {@code CLEANUP_ARCHIVE_S3_ACCESS_KEY_ID}; unset: as the AWS SDK finds them, such as from the pod's identity. */
        @WithConverter(TrimmedStringConverter.class)
        Optional<String> accessKeyId();

        /** {@code CLEANUP_ARCHIVE_S3_SECRET_ACCESS_KEY}. */
        @WithConverter(TrimmedStringConverter.class)
        Optional<String> secretAccessKey();

        /** The longest a request may take with its repetitions; a batch's transaction is open meanwhile. */
        @WithDefault("12s")
        @DurationMin(seconds = 1, message = "must be at least 1s, but is ${validatedValue}")
        Duration timeout();

        /** The bucket in the path and not in the host's name, as most stores other than AWS's need it. */
        @WithDefault("false")
        @WithConverter(StrictBoolean.class)
        boolean pathStyle();
    }

    /**
     * {@code CLEANUP_LEDGER_KEY}: 32 bytes in base64, under which the keys of erased rows are remembered; unset: they are
     * not.
     */
    Optional<String> ledgerKey();

    /** Changes to single policies, by the policy's name: other names of tables and columns, other limits. */
    Map<String, PolicySettings> policies();

    /** What can be changed about one policy without a file. */
    interface PolicySettings {

        /** False: the policy is not applied at all. */
        @WithDefault("true")
        @WithConverter(StrictBoolean.class)
        boolean enabled();

        /** Where the table is; unset: wherever exactly one schema has a table of that name. */
        Optional<String> schema();

        Optional<String> table();

        /** The database's name of a column, by the name that the policy gives it. */
        Map<String, String> columns();

        /** The zone of an age column without time zone, such as {@code UTC} or {@code Europe/Berlin}. */
        Optional<String> zone();

        /** ISO 8601, such as {@code P30D}. */
        Optional<String> retention();

        Optional<Duration> every();

        Optional<Long> maxRows();

        Optional<Double> maxFraction();

        /** {@code shadow} keeps this policy from deleting while others enforce. */
        Optional<Mode> mode();

        Optional<Duration> batchTarget();

        /** Rest after a batch, in times of how long it took. */
        Optional<Double> nice();
    }
}
