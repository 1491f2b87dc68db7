package io.pgcaretaker.cleanup.archive;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** A directory, shared by the replicas. */
final class DirectoryStore implements ArchiveStore {

    private static final Logger LOG = Logger.getLogger(DirectoryStore.class);

    private static final String PART = ".part";

    /** Says that this is the place, and not what a file system is mounted on. */
    static final String MARK = ".caretaker-archive";

    private final Path folder;

    /** For a directory, and for a file. */
    private final FileAttribute<?>[] ownDirectory;

    private final FileAttribute<?>[] ownFile;

    /** Whatever the umask is: the files hold what people were. */
    DirectoryStore(Path folder) {
        this.folder = folder;
        this.ownDirectory = own(folder, "rwx------");
        this.ownFile = own(folder, "rw-------");
    }

    private static FileAttribute<?>[] own(Path folder, String rights) {
        return folder.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(rights))}
                : new FileAttribute<?>[0];
    }

    @Override
    public String place() {
        return "the directory " + folder;
    }

    @Override
    public boolean isEstablished() throws IOException {
        if (Files.exists(folder.resolve(MARK))) {
            return true;
        }
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> files = Files.list(folder)) {
            // Written before there was a mark.
            return files.anyMatch(file -> Archive.isOurs(String.valueOf(file.getFileName())));
        }
    }

    @Override
    public void establish() throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder, ownDirectory);
            LOG.warnf(
                    "the archive's directory was not there, and was made; is it where it should be, and mounted?"
                            + " directory=%s",
                    folder);
        }
        try {
            Files.createFile(folder.resolve(MARK), ownFile);
        } catch (FileAlreadyExistsException e) {
            // Another replica's.
        }
    }

    @Override
    public Upload begin(String name) throws IOException {
        Path part = folder.resolve(name + PART);
        return new PartFile(
                part,
                folder.resolve(name),
                FileChannel.open(part, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownFile));
    }

    private record PartFile(Path part, Path whole, FileChannel channel) implements Upload {
        @Override
        public OutputStream out() {
            return Channels.newOutputStream(channel);
        }

        @Override
        public void secure() throws IOException {
            channel.force(true);
            channel.close();
        }

        @Override
        public void finish() throws IOException {
            if (channel.isOpen()) {
                secure();
            }
            Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
        }

        @Override
        public void close() throws IOException {
            channel.close();
            Files.deleteIfExists(part);
        }
    }

    /** What the files hold is on disk already; their names are with this. */
    @Override
    public void keep() throws IOException {
        try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    @Override
    public void each(Predicate<String> wanted, Visitor visitor) throws IOException {
        require();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                if (name.endsWith(PART) || name.equals(MARK) || !wanted.test(name)) {
                    continue;
                }
                Optional<BasicFileAttributes> there = look(file).filter(BasicFileAttributes::isRegularFile);
                if (there.isPresent()) {
                    visitor.see(new Entry(name, there.get().lastModifiedTime().toInstant()));
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    @Override
    public Set<String> names() throws IOException {
        require();
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName())).collect(Collectors.toSet());
        }
    }

    /** Empty where it has gone meanwhile: a batch has finished it, or somebody else has tidied it away. */
    private static Optional<BasicFileAttributes> look(Path file) throws IOException {
        try {
            return Optional.of(Files.readAttributes(file, BasicFileAttributes.class));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Nothing in it is something else than nothing there. */
    private void require() throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IOException(
                    "the directory is not there: nothing was archived yet, or its file system is not mounted");
        }
    }

    @Override
    public Optional<InputStream> open(String name) throws IOException {
        require();
        Path file = folder.resolve(name);
        // One that may not be looked at is not one that is not there.
        return look(file).filter(BasicFileAttributes::isRegularFile).isPresent()
                ? Optional.of(Files.newInputStream(file))
                : Optional.empty();
    }

    @Override
    public void delete(String name) throws IOException {
        Files.deleteIfExists(folder.resolve(name));
    }

    @Override
    public void tidy(Instant before, Predicate<String> ours) throws IOException {
        require();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + PART)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                tidy(file, before, ours.test(name.substring(0, name.length() - PART.length())));
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private static void tidy(Path file, Instant before, boolean ours) throws IOException {
        if (ours
                && look(file)
                        .filter(BasicFileAttributes::isRegularFile)
                        .filter(one -> one.lastModifiedTime().toInstant().isBefore(before))
                        .isPresent()) {
            Files.deleteIfExists(file);
        }
    }
}
