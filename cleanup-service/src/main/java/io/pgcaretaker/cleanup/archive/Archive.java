package io.pgcaretaker.cleanup.archive;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Files of rows that were deleted, a file and a manifest a batch. A name is never used twice: a batch that did not commit
 * leaves a file that no ledger line names, and its repetition writes another.
 */
public final class Archive {

    static final String MANIFEST = ".json";

    /** policy, run, ledger line, fence, home, which files of before do not have, and what makes it unique. */
    private static final Pattern NAME = Pattern.compile(
            "([a-z0-9-]+)-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(\\d{1,9})-\\d+(?:-([0-9a-f]{12}))?-[0-9a-f]{8}\\.csv\\.(?:zst|gz)");

    private static final Comparator<ArchiveStore.Entry> OLDEST_FIRST =
            Comparator.comparing(ArchiveStore.Entry::modified).thenComparing(ArchiveStore.Entry::name);

    static final ObjectMapper JSON = new ObjectMapper()
            .registerModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            // A later version may say more.
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(SerializationFeature.INDENT_OUTPUT);

    /** They end when they have had nothing to do for a minute. */
    private final ExecutorService threads = Executors.newCachedThreadPool(Archive::thread);

    private final Optional<ArchiveStore> store;
    private final Compression compression;

    /** The store was found to be the place where files are. */
    private volatile boolean placed;

    Archive(Optional<ArchiveStore> store, Compression compression) {
        this.store = store;
        this.compression = store.isPresent() ? compression.available() : compression;
    }

    /** A directory, a bucket, or nothing. */
    public static Archive of(CleanupConfig config) {
        Optional<ArchiveStore> bucket = config.archiveS3().bucket().map(name -> new S3Store(name, config.archiveS3()));
        return new Archive(
                bucket.or(() -> config.archiveDirectory().map(DirectoryStore::new)), config.archiveCompression());
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "archive");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Which batch of which run writes rows of which table.
     *
     * @param home of the database that it writes for, by {@link LedgerRepository#home}
     */
    public record Origin(String policy, UUID run, int seq, long fence, String home, TableName table, Instant now) {
        String fileName(Compression compression) {
            return policy + "-" + run + "-" + seq + "-" + fence + "-" + home + "-"
                    + UUID.randomUUID().toString().substring(0, 8) + ".csv" + compression.suffix();
        }
    }

    /** Fills a file; answers how many rows it wrote. */
    @FunctionalInterface
    public interface Filling {
        long fill(OutputStream out) throws SQLException, IOException;
    }

    /** Whether files were archived before, as the ledger knows it. */
    @FunctionalInterface
    public interface Before {
        boolean isNamed() throws SQLException;
    }

    /** Writes a file and then its manifest, or nothing where there are no rows. */
    public Optional<Manifest> write(Origin origin, List<Manifest.Column> columns, Before before, Filling filling)
            throws SQLException, IOException {
        requirePlace(before);
        return new ArchiveWriter(store(), compression, threads).write(origin, columns, filling);
    }

    /** What is written to a mount point is hidden, or gone, as soon as its file system is back. */
    private void requirePlace(Before before) throws SQLException, IOException {
        if (!store().isEstablished() && (placed || before.isNamed())) {
            throw isElsewhere();
        }
        if (!placed) {
            store().establish();
        }
        placed = true;
    }

    /** Where nothing is, although files were archived, nothing is known of them. */
    void requireReadable(BooleanSupplier named) throws IOException {
        if (isConfigured() && !store().isEstablished() && named.getAsBoolean()) {
            throw isElsewhere();
        }
    }

    private static IOException isElsewhere() {
        return new IOException(
                "nothing of what was archived is in the directory: its file system is not mounted, or it is"
                        + " another one; if that is right, make an empty file " + DirectoryStore.MARK + " in it");
    }

    /** A file that is listed; without a manifest where that cannot be read. */
    public record Listed(String file, @Nullable Manifest manifest) {

        String policy() {
            return name().group(1);
        }

        UUID run() {
            return UUID.fromString(name().group(2));
        }

        int seq() {
            return Integer.parseInt(name().group(3));
        }

        /** As the ledger is asked for it. */
        LedgerRepository.Archived archived() {
            String home = name().group(4);
            return new LedgerRepository.Archived(
                    file, run(), seq(), manifest == null ? "" : manifest.reference(), home == null ? "" : home);
        }

        private Matcher name() {
            Matcher name = NAME.matcher(file);
            if (!name.matches()) {
                throw new IllegalStateException("only names of ours are listed");
            }
            return name;
        }
    }

    /** A manifest that is cut, empty, or about something else. */
    static final class UnreadableManifestException extends IOException {
        UnreadableManifestException() {
            super("its manifest cannot be read, or is that of another file");
        }
    }

    /** Which files are meant: those of a policy, of a run, or all. */
    public record Selection(
            @Nullable String policy, @Nullable UUID run) {

        public static final Selection ALL = new Selection(null, null);

        boolean has(Listed file) {
            return (policy == null || policy.equals(file.policy())) && (run == null || run.equals(file.run()));
        }
    }

    /** A page of the files, newest first; those that were not finished have no manifest, and are not in it. */
    public List<Listed> list(Selection selection, long skip, int size) throws IOException {
        // No more of them than the page needs: an archive of years has more than fit into memory.
        long most = Math.addExact(skip, size);
        PriorityQueue<ArchiveStore.Entry> newest = new PriorityQueue<>(OLDEST_FIRST);
        store().each(name -> isManifest(name) && selection.has(new Listed(withoutManifest(name), null)), entry -> {
            newest.add(entry);
            if (newest.size() > most) {
                newest.remove();
            }
        });
        List<String> names = newest.stream()
                .sorted(OLDEST_FIRST.reversed())
                .skip(skip)
                .map(entry -> withoutManifest(entry.name()))
                .toList();
        List<Listed> listed = new ArrayList<>();
        for (String name : names) {
            try {
                manifest(name).ifPresent(manifest -> listed.add(new Listed(name, manifest)));
            } catch (UnreadableManifestException e) {
                listed.add(new Listed(name, null));
            }
        }
        return listed;
    }

    /** Names of the files that are there, each with its manifest. */
    Set<String> names() throws IOException {
        Set<String> there = store().names();
        return there.stream().filter(name -> there.contains(name + MANIFEST)).collect(Collectors.toSet());
    }

    /** The manifest of a file; what is no name of ours is none, and never made a path. */
    public Optional<Manifest> find(String file) throws IOException {
        return NAME.matcher(file).matches() ? manifest(file) : Optional.empty();
    }

    private Optional<Manifest> manifest(String file) throws IOException {
        Optional<InputStream> found = store().open(file + MANIFEST);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        byte[] bytes;
        try (InputStream in = found.get()) {
            bytes = in.readAllBytes();
        }
        Manifest manifest;
        try {
            manifest = JSON.readValue(bytes, Manifest.class);
        } catch (IOException e) {
            throw new UnreadableManifestException();
        }
        if (manifest == null || !manifest.file().equals(file)) {
            throw new UnreadableManifestException();
        }
        return Optional.of(manifest);
    }

    /** Others may keep their JSON here, too. */
    private static boolean isManifest(String name) {
        return name.endsWith(MANIFEST) && NAME.matcher(withoutManifest(name)).matches();
    }

    /** A file or a manifest. */
    static boolean isOurs(String name) {
        return NAME.matcher(file(name)).matches();
    }

    private static String file(String name) {
        return name.endsWith(MANIFEST) ? withoutManifest(name) : name;
    }

    private static String withoutManifest(String name) {
        return name.substring(0, name.length() - MANIFEST.length());
    }

    /** The file of a manifest as it lies there, if it does. */
    private Optional<InputStream> open(Manifest manifest) throws IOException {
        return store().open(manifest.file());
    }

    /** The rows in the file of a manifest, as CSV, and what they were made of. */
    Rows rows(Manifest manifest) throws IOException {
        InputStream file = open(manifest).orElseThrow(() -> new IOException("the file has gone"));
        try {
            DigestInputStream digested = new DigestInputStream(file, sha256());
            return new Rows(digested, Compression.of(manifest.file()).decompress(digested));
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** The rows of a file; what was read of it can be another one than what was looked at before. */
    record Rows(DigestInputStream file, InputStream csv) implements Closeable {

        /** Once the rows are at their end. */
        boolean areOf(Manifest manifest) throws IOException {
            file.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(file.getMessageDigest().digest()).equals(manifest.sha256());
        }

        @Override
        public void close() throws IOException {
            csv.close();
        }
    }

    /** Whether the file of a manifest is there, and what the manifest says. */
    public boolean isIntact(Manifest manifest) throws IOException {
        Optional<InputStream> found = open(manifest);
        if (found.isEmpty()) {
            return false;
        }
        MessageDigest digest = sha256();
        long bytes = 0;
        try (InputStream in = found.get()) {
            byte[] buffer = new byte[64 * 1024];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
                bytes += read;
            }
        }
        return bytes == manifest.bytes()
                && HexFormat.of().formatHex(digest.digest()).equals(manifest.sha256());
    }

    /** Whether a ledger line names a file, or none ever will. */
    public interface Orphans {
        boolean isOrphan(LedgerRepository.Archived file);
    }

    /** Deletes the files of batches that did not commit, and what was never finished, written before then; how many. */
    public int tidy(Instant before, Orphans orphans) throws IOException {
        if (!isConfigured()) {
            return 0;
        }
        store().tidy(before, Archive::isOurs);
        int[] deleted = {0};
        store().each(Archive::isOurs, entry -> {
            if (entry.modified().isBefore(before)
                    && orphans.isOrphan(new Listed(file(entry.name()), null).archived())) {
                store().delete(entry.name());
                deleted[0]++;
            }
        });
        return deleted[0];
    }

    /** What was in the way, for an operator. Of a file, Java's own text is mostly its path alone. */
    public static String why(IOException cause) {
        if (cause instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (cause instanceof FileSystemException file) {
            String reason = file.getReason();
            return reason == null ? file.getClass().getSimpleName() : reason;
        }
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    /** Where it is, for an operator. */
    public String place() {
        return store().place();
    }

    public boolean isConfigured() {
        return store.isPresent();
    }

    private ArchiveStore store() {
        return store.orElseThrow(() -> new IllegalStateException("no archive is configured"));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
