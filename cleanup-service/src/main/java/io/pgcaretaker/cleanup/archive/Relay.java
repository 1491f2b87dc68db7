package io.pgcaretaker.cleanup.archive;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Hands what is written over to another thread, block by block: the next rows are read while the last ones are compressed.
 * A few blocks ahead at most, so that memory stays bounded.
 */
final class Relay extends OutputStream {

    private static final int BLOCK = 64 * 1024;
    private static final int AHEAD = 4;
    private static final byte[] END = new byte[0];

    private final BlockingQueue<byte[]> blocks = new ArrayBlockingQueue<>(AHEAD);

    /** Written, and free to be filled again: new ones would be half of an archive's garbage. */
    private final Queue<byte[]> free = new ConcurrentLinkedQueue<>();

    private final CompletableFuture<Void> written;

    private byte[] block = new byte[BLOCK];
    private int filled;

    Relay(OutputStream out, Executor executor) {
        written = CompletableFuture.runAsync(() -> write(out), executor);
    }

    private void write(OutputStream out) {
        try {
            for (byte[] next = blocks.take(); next != END; next = blocks.take()) {
                out.write(next, 0, next.length);
                if (next.length == BLOCK) {
                    free.add(next);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        }
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int from = offset;
        int left = length;
        while (left > 0) {
            int part = Math.min(left, BLOCK - filled);
            System.arraycopy(bytes, from, block, filled, part);
            filled += part;
            from += part;
            left -= part;
            if (filled == BLOCK) {
                hand(block);
                byte[] again = free.poll();
                block = again == null ? new byte[BLOCK] : again;
                filled = 0;
            }
        }
    }

    private void hand(byte[] full) throws IOException {
        try {
            // A writer that has failed takes nothing more.
            while (!blocks.offer(full, 100, TimeUnit.MILLISECONDS)) {
                if (written.isDone()) {
                    await();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while rows were written to the archive");
        }
    }

    /** All is written, or an exception says why not. */
    void finish() throws IOException {
        if (filled > 0) {
            hand(Arrays.copyOf(block, filled));
            filled = 0;
        }
        hand(END);
        await();
    }

    private void await() throws IOException {
        await(written);
    }

    /** Waits for work in another thread; throws what it threw. */
    static void await(CompletableFuture<Void> work) throws IOException {
        try {
            work.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof UncheckedIOException cause) {
                IOException thrown = Objects.requireNonNull(cause.getCause());
                throw new IOException(thrown.getMessage(), thrown);
            }
            throw e;
        }
    }

    /** What was not finished is given up; nothing is written any more. */
    @Override
    public void close() {
        blocks.clear();
        boolean ends = blocks.offer(END) || written.isDone();
        if (ends) {
            written.exceptionally(failure -> null).join();
        }
    }
}
