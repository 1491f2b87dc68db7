package io.pgcaretaker.cleanup.archive;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Writes one file and its manifest while the transaction waits that deletes the rows: one thread takes them from
 * PostgreSQL, another one compresses and digests.
 */
final class ArchiveWriter {

    private final ArchiveStore store;
    private final Compression compression;
    private final Executor threads;

    ArchiveWriter(ArchiveStore store, Compression compression, Executor threads) {
        this.store = store;
        this.compression = compression;
        this.threads = threads;
    }

    Optional<Manifest> write(Archive.Origin origin, List<Manifest.Column> columns, Archive.Filling filling)
            throws SQLException, IOException {
        String name = origin.fileName(compression);
        try (ArchiveStore.Upload upload = store.begin(name);
                ArchiveStore.Upload beside = store.begin(name + Archive.MANIFEST)) {
            Digested file = new Digested(upload.out());
            long rows;
            try (OutputStream compressed = compression.compress(file);
                    Relay relay = new Relay(compressed, threads)) {
                rows = filling.fill(relay);
                if (rows == 0) {
                    return Optional.empty();
                }
                relay.finish();
            }
            CompletableFuture<Void> secured = inTheBackground(upload::secure);
            Manifest manifest = new Manifest(
                    name,
                    origin.policy(),
                    origin.run(),
                    origin.seq(),
                    origin.table().schema(),
                    origin.table().table(),
                    columns,
                    rows,
                    file.bytes,
                    HexFormat.of().formatHex(file.digest.digest()),
                    origin.now());
            beside.out().write(Archive.JSON.writeValueAsBytes(manifest));
            secure(beside, secured);
            upload.finish();
            // The last: where there is a manifest, there is its file.
            beside.finish();
            store.keep();
            return Optional.of(manifest);
        }
    }

    /** The disk is waited for once, not once for each file. */
    private static void secure(ArchiveStore.Upload manifest, CompletableFuture<Void> file) throws IOException {
        try {
            manifest.secure();
        } finally {
            Relay.await(file);
        }
    }

    private interface Writing {
        void write() throws IOException;
    }

    private CompletableFuture<Void> inTheBackground(Writing writing) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        writing.write();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                threads);
    }

    /** Counts and digests what goes through. Its end is not the file's: the upload says when all is there. */
    private static final class Digested extends FilterOutputStream {
        private final MessageDigest digest = Archive.sha256();
        private long bytes;

        Digested(OutputStream out) {
            super(out);
        }

        @Override
        public void close() {
            // Nothing is held back here.
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] b, int off, int len) throws IOException {
            out.write(b, off, len);
            digest.update(b, off, len);
            bytes += len;
        }
    }
}
