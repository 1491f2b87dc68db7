package io.pgcaretaker.cli.up;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The classes of one service as a JVM has laid them out in memory (AppCDS), from which its next starts take them: the
 * first start writes the archive at its orderly end. An archive of another build, JVM or flags has another name, and
 * the JVM looks at what it maps and does without it when it does not fit; see docs/decisions/0023-class-archives.md.
 */
public final class ClassArchive {

    /** Of a person's own: an agent or a recording in them changes classes as they are loaded. */
    private static final List<String> OPTIONS = List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS");

    private final Path directory;
    private final String name;
    private final String build;
    private final Path made;

    private ClassArchive(Path directory, String name, String build) {
        this.directory = directory;
        this.name = name;
        this.build = build;
        this.made = directory.resolve(name + "-" + build + ".made");
    }

    /**
     * The one of this build, JVM and these flags.
     *
     * @param directory where archives are kept
     * @param name of the service
     * @param application {@code quarkus-app}, whose jars hold the classes
     */
    public static ClassArchive of(Path directory, String name, Path javaHome, List<String> flags, Path application)
            throws IOException {
        Files.createDirectories(directory);
        StringBuilder all = new StringBuilder(javaHome + "\n" + String.join(" ", flags) + "\n");
        Path release = javaHome.resolve("release");
        all.append(Files.exists(release) ? Files.readString(release) : "").append('\n');
        try (Stream<Path> files = Files.walk(application)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                all.append(file + " " + Files.size(file) + " " + Files.getLastModifiedTime(file) + "\n");
            }
        }
        return new ClassArchive(directory, name, digest(all.toString()));
    }

    private static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    /** False with JVM options of the person's own. */
    static boolean fits(Map<String, String> environment) {
        return OPTIONS.stream()
                .allMatch(option -> environment.getOrDefault(option, "").isBlank());
    }

    public boolean isKept() {
        return kept().isPresent();
    }

    /** Its length is in its name: the JVM looks at sums of what it maps, but dies of what ends too early. */
    private Optional<Path> kept() {
        try {
            for (Path file : ofThisName()) {
                if (file.equals(named(Files.size(file)))) {
                    return Optional.of(file);
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private Path named(long length) {
        return directory.resolve(name + "-" + build + "-" + length + ".jsa");
    }

    private List<Path> ofThisName() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(file -> file.getFileName().toString().startsWith(name + "-"))
                    .toList();
        }
    }

    /** Of the next start: with the archive, or to make it. Whatever is wrong with it is for the JVM alone to know. */
    public List<String> flags() {
        List<String> flags = new ArrayList<>(List.of("-Xlog:cds=off", "-Xlog:cds+dynamic=off"));
        flags.addAll(kept().map(archive -> List.of("-XX:SharedArchiveFile=" + archive, "-XX:+VerifySharedSpaces"))
                .orElse(List.of("-XX:ArchiveClassesAtExit=" + made)));
        return flags;
    }

    /** After an orderly end of a start that had become ready. Those of former builds go. */
    public void keep() throws IOException {
        if (Files.exists(made)) {
            Path kept = named(Files.size(made));
            Files.move(made, kept, StandardCopyOption.ATOMIC_MOVE);
            for (Path file : ofThisName()) {
                if (!file.equals(kept)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** After any other end: it holds less than a start needs, or is not whole. */
    public void discard() throws IOException {
        Files.deleteIfExists(made);
    }
}
