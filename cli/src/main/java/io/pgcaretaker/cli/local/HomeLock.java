package io.pgcaretaker.cli.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.StandardOpenOption;

/** One `up` a home: a lock of the operating system, which goes with its process however that ends. */
public final class HomeLock implements AutoCloseable {

    private final FileChannel channel;

    private HomeLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock.
     *
     * @throws CannotException when another `up` holds it, naming what it serves
     */
    public static HomeLock take(Home home) {
        try {
            FileChannel channel = FileChannel.open(home.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                channel.close();
                throw new CannotException(occupied(home));
            }
            return new HomeLock(channel);
        } catch (IOException e) {
            throw new CannotException("cannot lock " + home.lock() + ": " + e.getMessage(), e);
        }
    }

    private static String occupied(Home home) {
        return "already running in " + home.directory()
                + LocalState.read(home)
                        .map(state -> " (pid " + state.pids().get("launcher") + ")")
                        .orElse(", still starting")
                + "; see it with ./caretaker status, stop it with Ctrl-C where it runs";
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
