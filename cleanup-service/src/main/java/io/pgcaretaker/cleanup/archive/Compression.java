package io.pgcaretaker.cleanup.archive;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import com.github.luben.zstd.util.Native;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jboss.logging.Logger;

/**
 * How files are compressed, with the least effort of each: rows leave in the transaction of the delete, and that should be
 * short. A file's name tells which it is, so that whatever was written once can be read.
 */
public enum Compression {
    /** A sixth of gzip's time, and smaller; by a native library, which is made for the usual processors. */
    ZSTD(".zst") {
        @Override
        OutputStream compress(OutputStream out) throws IOException {
            return new ZstdOutputStreamNoFinalizer(out, 1).setChecksum(true);
        }

        @Override
        InputStream decompress(InputStream in) throws IOException {
            if (!Loaded.ZSTD_LIBRARY) {
                throw new IOException("the zstd library cannot be unpacked and loaded");
            }
            return new ZstdInputStream(in);
        }
    },
    GZIP(".gz") {
        @Override
        OutputStream compress(OutputStream out) throws IOException {
            return new FastGzip(out);
        }

        @Override
        InputStream decompress(InputStream in) throws IOException {
            return new GZIPInputStream(in, BUFFER);
        }
    };

    private static final Logger LOG = Logger.getLogger(Compression.class);
    private static final int BUFFER = 64 * 1024;

    private final String suffix;

    Compression(String suffix) {
        this.suffix = suffix;
    }

    /** What a file's name ends with. */
    String suffix() {
        return suffix;
    }

    /** The way a file of this name was compressed. */
    static Compression of(String file) {
        return file.endsWith(ZSTD.suffix) ? ZSTD : GZIP;
    }

    /** Compresses what is written; its end is written when it is closed. */
    abstract OutputStream compress(OutputStream out) throws IOException;

    abstract InputStream decompress(InputStream in) throws IOException;

    /** This one, or gzip where its native library cannot be loaded: an archive must not fail for that. */
    Compression available() {
        if (this == ZSTD && !Loaded.ZSTD_LIBRARY) {
            return GZIP;
        }
        return this;
    }

    /** Tried once, and early: to unpack and load the library takes longer than many a batch. */
    private static final class Loaded {
        private static final boolean ZSTD_LIBRARY = load();

        private static boolean load() {
            try {
                Native.load();
                return true;
            } catch (LinkageError | RuntimeException e) {
                LOG.warnf(
                        "archives are written with gzip: the zstd library cannot be unpacked and loaded; java.io.tmpdir must"
                                + " be writable and allow to execute error=%s",
                        String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
                return false;
            }
        }
    }

    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(OutputStream out) throws IOException {
            super(out, BUFFER);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
