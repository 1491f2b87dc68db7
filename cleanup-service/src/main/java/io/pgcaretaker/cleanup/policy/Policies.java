package io.pgcaretaker.cleanup.policy;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.CleanupConfig.PolicySettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The policies as configured: those that are shipped, those of the operator's file, and the changes to single ones. */
public final class Policies {

    /** The one whose retention and interval have environment names of their own. */
    public static final String USERS = "soft-deleted-users";

    private static final String EMAIL = "email";
    private static final String USERNAME = "username";

    /** Thousands of policies; the reader's time grows with the square of a comment's length, a minute for some MB. */
    private static final long LARGEST_FILE = 1 << 20;

    private final Map<String, RetentionPolicy> policies;
    private final boolean keyed;
    private final Mode mode;

    private Policies(Map<String, RetentionPolicy> policies, boolean keyed, Mode mode) {
        this.policies = policies;
        this.keyed = keyed;
        this.mode = mode;
    }

    /**
     * Reads and merges.
     *
     * @throws IllegalArgumentException naming the key or policy, the value and the rule
     */
    public static Policies load(CleanupConfig config) {
        Map<String, RetentionPolicy> policies = new LinkedHashMap<>();
        for (RetentionPolicy policy : PolicyFile.read(shipped(), config.mode())) {
            policies.put(policy.name(), policy);
        }
        try {
            policies.computeIfPresent(USERS, (name, policy) -> users(policy, config));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("policy '" + USERS + "': " + e.getMessage(), e);
        }
        config.policiesFile()
                .ifPresent(
                        file -> readFile(file, config.mode()).forEach(policy -> policies.put(policy.name(), policy)));
        config.policies().forEach((name, settings) -> change(policies, named(policies, name), settings));
        // Last: a policy may have settings by both names, that of a variable and its own.
        policies.keySet().removeAll(switchedOff(policies, config));
        policies.values().forEach(policy -> requireArchive(policy, config));
        policies.values().forEach(policy -> requirePublicUrl(policy, config));
        requireNotice(policies.get(USERS), config);
        return new Policies(policies, config.ledgerKey().isPresent(), config.mode());
    }

    private static void requirePublicUrl(RetentionPolicy policy, CleanupConfig config) {
        if (policy.notice() != null && config.publicUrl().isEmpty()) {
            throw new IllegalArgumentException("policy '" + policy.name()
                    + "' gives notice: caretaker.cleanup.public-url (CLEANUP_PUBLIC_URL) must say where the link in it"
                    + " leads to");
        }
    }

    /** The setting is about the shipped policy; one that takes its place would let people go who should be told. */
    private static void requireNotice(@Nullable RetentionPolicy users, CleanupConfig config) {
        if (users != null && users.notice() == null && config.userNoticeDays().isPresent()) {
            throw new IllegalArgumentException(
                    "caretaker.cleanup.user-notice-days (USER_NOTICE_DAYS) is set, and the policies file's own '"
                            + USERS + "' tells nobody: write its notice there, or unset USER_NOTICE_DAYS");
        }
    }

    private static void requireArchive(RetentionPolicy policy, CleanupConfig config) {
        boolean directory = config.archiveDirectory().isPresent();
        boolean bucket = config.archiveS3().bucket().isPresent();
        if (policy.action().is(Action.Kind.ARCHIVE) && directory == bucket) {
            throw new IllegalArgumentException("policy '" + policy.name()
                    + "' archives: either caretaker.cleanup.archive-directory or caretaker.cleanup.archive-s3.bucket must"
                    + " say where to" + (directory ? ", not both" : ""));
        }
        if (config.archiveS3().accessKeyId().isPresent()
                != config.archiveS3().secretAccessKey().isPresent()) {
            throw new IllegalArgumentException(
                    "caretaker.cleanup.archive-s3.access-key-id and secret-access-key must both be set, or neither");
        }
    }

    private static String shipped() {
        try (InputStream in = Policies.class.getResourceAsStream("/policies.yaml")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<RetentionPolicy> readFile(Path file, Mode mode) {
        try {
            if (Files.size(file) > LARGEST_FILE) {
                throw new IllegalArgumentException("must be at most 1 MiB");
            }
            return PolicyFile.read(Files.readString(file), mode);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("caretaker.cleanup.policies-file: " + file + " must be UTF-8", e);
        } catch (IOException e) {
            throw new IllegalArgumentException("caretaker.cleanup.policies-file: cannot read " + file, e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("caretaker.cleanup.policies-file: " + file + ": " + e.getMessage(), e);
        }
    }

    /** CARETAKER_CLEANUP_POLICIES__OLD_EVENTS__MODE is read as one of {@code old.events}: a variable has no hyphens. */
    private static String named(Map<String, RetentionPolicy> policies, String name) {
        String hyphenated = name.replace('.', '-');
        return policies.containsKey(hyphenated) ? hyphenated : name;
    }

    private static Set<String> switchedOff(Map<String, RetentionPolicy> policies, CleanupConfig config) {
        return config.policies().entrySet().stream()
                .filter(named -> !named.getValue().enabled())
                .map(named -> named(policies, named.getKey()))
                .collect(Collectors.toSet());
    }

    private static void change(Map<String, RetentionPolicy> policies, String name, PolicySettings settings) {
        String key = "caretaker.cleanup.policies.\"" + name + "\"";
        RetentionPolicy policy = policies.get(name);
        if (policy == null) {
            throw new IllegalArgumentException(key + ": there is no such policy; there are " + policies.keySet());
        }
        if (!settings.enabled()) {
            return;
        }
        try {
            policies.put(name, changed(policy, settings));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
        }
    }

    private static RetentionPolicy users(RetentionPolicy policy, CleanupConfig config) {
        return new RetentionPolicy(
                policy.name(),
                policy.description(),
                policy.schema(),
                policy.table(),
                policy.key(),
                policy.age(),
                Retention.ofDays(config.userRetentionDays()),
                policy.filter(),
                policy.action(),
                policy.dependents(),
                policy.triggers(),
                policy.restore(),
                policy.restoreDependents(),
                new Rhythm(Duration.ofHours(config.intervalHours()), null),
                policy.limits(),
                policy.mode(),
                policy.pace(),
                policy.optional(),
                policy.rememberKeys(),
                config.userNoticeDays().isEmpty()
                        ? null
                        : new Notice(
                                Retention.ofDays(config.userNoticeDays().getAsInt()),
                                EMAIL,
                                USERNAME,
                                config.userNoticeUndeliverable()));
    }

    private static RetentionPolicy changed(RetentionPolicy policy, PolicySettings settings) {
        Map<String, String> names = columns(policy, settings);
        AgeColumn age = policy.age();
        Notice notice = policy.notice();
        return new RetentionPolicy(
                policy.name(),
                policy.description(),
                settings.schema().orElse(policy.schema()),
                settings.table().orElse(policy.table()),
                policy.key().stream().map(column -> renamed(names, column)).toList(),
                new AgeColumn(
                        renamed(names, age.column()),
                        age.means(),
                        settings.zone().map(PolicyParts::zone).orElse(age.zone()),
                        age.epoch()),
                settings.retention().map(Retention::parse).orElse(policy.retention()),
                policy.filter().stream()
                        .map(condition -> condition.renamed(renamed(names, condition.column())))
                        .toList(),
                policy.action().renamed(column -> renamed(names, column)),
                policy.dependents(),
                policy.triggers(),
                policy.restore().stream()
                        .map(undo -> new RetentionPolicy.Assignment(renamed(names, undo.column()), undo.to()))
                        .toList(),
                policy.restoreDependents(),
                settings.every().map(every -> new Rhythm(every, null)).orElse(policy.rhythm()),
                new Limits(
                        settings.maxRows().orElse(policy.limits().maxRows()),
                        settings.maxFraction().orElse(policy.limits().maxFraction())),
                PolicyFile.effective(policy.mode(), settings.mode().orElse(null)),
                new Pace(
                        settings.batchTarget().orElse(policy.batchTarget()),
                        settings.nice().orElse(policy.pace().nice()),
                        policy.pace().window()),
                policy.optional(),
                policy.rememberKeys(),
                notice == null ? null : notice.renamed(column -> renamed(names, column)));
    }

    /** Only of columns that the policy names: with a slip in one, its own name would go on to be looked for. */
    private static Map<String, String> columns(RetentionPolicy policy, PolicySettings settings) {
        Set<String> known = policy.columns();
        if (policy.name().equals(USERS)) {
            // They may be named before there is a notice.
            known.addAll(List.of(EMAIL, USERNAME));
        }
        Map<String, String> names = new HashMap<>();
        settings.columns().forEach((column, inDatabase) -> {
            // A variable has no underscores of its own, either: COLUMNS__DELETED_AT_ is read as deleted.at.
            String name = known.contains(column) ? column : column.replace('.', '_');
            if (!known.contains(name)) {
                throw new IllegalArgumentException(
                        "columns.\"" + column + "\" is no column that the policy names; it names " + known);
            }
            names.put(name, inDatabase);
        });
        return names;
    }

    private static String renamed(Map<String, String> names, String column) {
        return names.getOrDefault(column, column);
    }

    public List<RetentionPolicy> all() {
        return List.copyOf(policies.values());
    }

    public Optional<RetentionPolicy> find(String name) {
        return Optional.ofNullable(policies.get(name));
    }

    /** Whether this policy's own word keeps it from deleting, and not that of all. */
    public boolean onlyCounts(RetentionPolicy policy) {
        return mode == Mode.ENFORCE && policy.mode() == Mode.SHADOW;
    }

    /** Whether digests of the keys of its rows are kept: without a ledger key they are not. */
    public boolean remembers(RetentionPolicy policy) {
        return keyed && policy.rememberKeys();
    }
}
