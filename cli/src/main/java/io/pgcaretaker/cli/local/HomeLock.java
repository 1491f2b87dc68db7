package io.pgcaretaker.cli.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** One `up` a home: a lock of the operating system, which goes with its process however that ends. */
public final class HomeLock implements AutoCloseable {

    /** Far longer than a look lasts. */
    private static final long LOOK_MILLIS = 100;

    /** Whoever else could open it could hold it. */
    private static final FileAttribute<?> OWNERS =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

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
            FileChannel channel =
                    FileChannel.open(home.lock(), Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), OWNERS);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                // Somebody may only have looked.
                Thread.sleep(LOOK_MILLIS);
                lock = channel.tryLock();
            }
            if (lock == null) {
                channel.close();
                throw new CannotException(occupied(home));
            }
            return new HomeLock(channel);
        } catch (IOException e) {
            throw new CannotException("cannot lock " + home.lock() + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CannotException("interrupted", e);
        }
    }

    /** Whether an `up` holds it. Who looks takes a shared lock for that moment, and is in no other's way who looks. */
    static boolean isHeld(Home home) {
        try (FileChannel channel = FileChannel.open(home.lock(), StandardOpenOption.READ);
                FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
            return lock == null;
        } catch (OverlappingFileLockException e) {
            return true;
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new CannotException("cannot look at " + home.lock() + ": " + e.getMessage(), e);
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
