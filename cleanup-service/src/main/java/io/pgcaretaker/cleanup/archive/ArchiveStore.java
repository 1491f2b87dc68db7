package io.pgcaretaker.cleanup.archive;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Where archived files lie. Under its name a file is there as a whole or not at all; no name is used twice. */
interface ArchiveStore {

    /** A file that is there as a whole. */
    record Entry(String name, Instant modified) {}

    /** A file on its way; closed without {@link #finish} it leaves nothing behind. */
    interface Upload extends Closeable {
        OutputStream out();

        /** Its content is safe already, where that can be had before its name; nothing more is written. */
        void secure() throws IOException;

        /** The file is there under its name, whole. */
        void finish() throws IOException;
    }

    /** What an operator knows it by. */
    String place();

    /** Whether files were ever written here: what is an empty directory may be a file system that is not mounted. */
    default boolean isEstablished() throws IOException {
        return true;
    }

    /** From now on files are written here. */
    default void establish() throws IOException {}

    Upload begin(String name) throws IOException;

    /** All that was finished stays: what comes back is a promise that a commit can rest on. */
    void keep() throws IOException;

    /** Each of those with such a name, in any order: there may be more than fit into memory. The others are not looked at. */
    void each(Predicate<String> wanted, Visitor visitor) throws IOException;

    /** Takes one entry after the other; may delete it. */
    @FunctionalInterface
    interface Visitor {
        void see(Entry entry) throws IOException;
    }

    /** Names of all that lies there, also of what is no file: a look at each takes long. */
    default Set<String> names() throws IOException {
        Set<String> names = new HashSet<>();
        each(name -> true, entry -> names.add(entry.name()));
        return names;
    }

    /** Empty when there is no such file. */
    Optional<InputStream> open(String name) throws IOException;

    void delete(String name) throws IOException;

    /**
     * Removes what uploads have left that nobody finished, begun before then.
     *
     * @param ours names of files that may be meant: others may have theirs on the way to the same place
     */
    void tidy(Instant before, Predicate<String> ours) throws IOException;
}
