package io.pgcaretaker.cleanup.archive;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.pgcaretaker.cleanup.catalogue.TableName;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Files of rows that were deleted, a file and a manifest a batch. A name is never used twice: a batch that did not commit
 * leaves a file that no ledger line names, and its repetition writes another.
 */
public final class Archive {

    static final String MANIFEST = ".json";

    static final ObjectMapper JSON = new ObjectMapper()
            .registerModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .enable(SerializationFeature.INDENT_OUTPUT);

    private final Optional<Path> directory;

    public Archive(Optional<Path> directory) {
        this.directory = directory;
    }

    /** Which batch of which run writes rows of which table. */
    public record Origin(String policy, UUID run, int seq, long fence, TableName table, Instant now) {
        private String fileName() {
            return policy + "-" + run + "-" + seq + "-" + fence + "-"
                    + UUID.randomUUID().toString().substring(0, 8) + ".csv.gz";
        }
    }

    /** Fills a file; answers how many rows it wrote. */
    @FunctionalInterface
    public interface Filling {
        long fill(OutputStream out) throws SQLException, IOException;
    }

    /** Writes a file and its manifest, both synced, or nothing where there are no rows. */
    public Optional<Manifest> write(Origin origin, List<Manifest.Column> columns, Filling filling)
            throws SQLException, IOException {
        Path folder = directory();
        Files.createDirectories(folder);
        String name = origin.fileName();
        Path part = folder.resolve(name + ".part");
        try {
            Filled filled = fill(part, filling);
            if (filled.rows() == 0) {
                return Optional.empty();
            }
            Manifest manifest = new Manifest(
                    name,
                    origin.policy(),
                    origin.run(),
                    origin.seq(),
                    origin.table().schema(),
                    origin.table().table(),
                    columns,
                    filled.rows(),
                    Files.size(part),
                    filled.sha256(),
                    origin.now());
            Path described = folder.resolve(name + MANIFEST);
            Files.write(described, JSON.writeValueAsBytes(manifest), StandardOpenOption.CREATE_NEW);
            sync(described);
            Files.move(part, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
            sync(folder);
            return Optional.of(manifest);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private record Filled(long rows, String sha256) {}

    private static Filled fill(Path part, Filling filling) throws SQLException, IOException {
        MessageDigest digest = sha256();
        long rows;
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            // Not closed by the gzip stream: the file is synced through the same channel when all is in it.
            OutputStream file = new DigestOutputStream(Channels.newOutputStream(channel), digest);
            GZIPOutputStream gzip = new FastGzip(file);
            rows = filling.fill(gzip);
            gzip.finish();
            channel.force(true);
        }
        return new Filled(rows, HexFormat.of().formatHex(digest.digest()));
    }

    /** The least effort: rows leave in the transaction of the delete, and that should be short. */
    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(OutputStream out) throws IOException {
            super(out, 64 * 1024);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }

    private static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** The manifests, newest first; files that were not finished have none. */
    public List<Manifest> list() throws IOException {
        Path folder = directory();
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> manifests = files.filter(file -> file.toString().endsWith(".csv.gz" + MANIFEST))
                    .toList();
            List<Manifest> read = new ArrayList<>();
            for (Path manifest : manifests) {
                read.add(JSON.readValue(Files.readAllBytes(manifest), Manifest.class));
            }
            read.sort(Comparator.comparing(Manifest::writtenAt).reversed());
            return read;
        }
    }

    /** The file of a manifest, if it is there and what the manifest says. */
    public Optional<Path> intact(Manifest manifest) throws IOException {
        Path file = directory().resolve(manifest.file());
        if (!Files.isRegularFile(file) || Files.size(file) != manifest.bytes()) {
            return Optional.empty();
        }
        MessageDigest digest = sha256();
        try (var in = Files.newInputStream(file)) {
            byte[] buffer = new byte[64 * 1024];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest()).equals(manifest.sha256())
                ? Optional.of(file)
                : Optional.empty();
    }

    public boolean isConfigured() {
        return directory.isPresent();
    }

    private Path directory() {
        return directory.orElseThrow(() -> new IllegalStateException("caretaker.cleanup.archive-directory is not set"));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
