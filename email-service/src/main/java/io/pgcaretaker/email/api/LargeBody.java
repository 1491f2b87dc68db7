package io.pgcaretaker.email.api;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** A body that has its turn. One that came byte by byte kept all others from theirs for as long as it liked. */
final class LargeBody extends FilterInputStream {

    /** The largest one at 2.4 Mbit/s. */
    static final Duration UNDISTURBED = Duration.ofMinutes(1);

    private final BooleanSupplier awaited;
    private final LongSupplier nanos;
    private final long begun;
    private boolean givenUp;

    /**
     * Begins its turn.
     *
     * @param awaited whether others wait for their turn; where none does, it may take as long as it likes
     */
    LargeBody(InputStream sent, BooleanSupplier awaited, LongSupplier nanos) {
        super(sent);
        this.awaited = awaited;
        this.nanos = nanos;
        this.begun = nanos.getAsLong();
    }

    @Override
    public int read() throws IOException {
        requireTime();
        return in.read();
    }

    @Override
    public int read(byte[] part, int offset, int length) throws IOException {
        requireTime();
        return in.read(part, offset, length);
    }

    /** Whoever has read it in vain closes it, for which Quarkus reads it to its end. */
    @Override
    public void close() throws IOException {
        try {
            transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            return;
        }
        in.close();
    }

    private void requireTime() throws IOException {
        givenUp = givenUp || (nanos.getAsLong() - begun > UNDISTURBED.toNanos() && awaited.getAsBoolean());
        if (givenUp) {
            throw new IOException("it came too slowly, and others wait");
        }
    }
}
