package smtp;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import support.Machine;

/** Debian's Postfix with its own settings, in a directory of ours, sending everything to the sink. */
public final class Postfix implements AutoCloseable {
    private final Path home;
    private final int port = Machine.freePort();

    public static boolean isThere() {
        return "root".equals(System.getProperty("user.name"))
                && Stream.of("/usr/sbin/postfix", "/usr/sbin/smtp-sink", "/usr/sbin/smtp-source")
                        .allMatch(program -> Files.isExecutable(Path.of(program)));
    }

    public static String version() throws Exception {
        return output("postconf", "-d", "-h", "mail_version").strip();
    }

    public Postfix(Path directory, int sink) throws Exception {
        home = Files.createTempDirectory(
                directory, "postfix", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Path spool = Files.createDirectory(home.resolve("spool"));
        Path data = Files.createDirectory(home.resolve("data"));
        run("chmod", "755", spool.toString());
        run("chown", "postfix", data.toString());
        Path conf = Files.createDirectory(home.resolve("conf"));
        Files.writeString(conf.resolve("main.cf"), """
                compatibility_level = 3.6
                queue_directory = %s
                data_directory = %s
                relayhost = [127.0.0.1]:%d
                inet_interfaces = 127.0.0.1
                inet_protocols = ipv4
                mynetworks = 127.0.0.0/8
                myhostname = bench.test
                mydestination =
                maillog_file = %s/mail.log
                maillog_file_prefixes = %s
                """.formatted(spool, data, sink, home, home));
        // As Debian has it, but for the port and the chroot, which would need the system's files in it.
        String services = Files.readString(Path.of("/usr/share/postfix/master.cf.dist"))
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.replaceFirst("^(\\S+\\s+\\S+\\s+\\S+\\s+\\S+\\s+)y(\\s)", "$1n$2"))
                .map(line -> line.replaceFirst("^smtp\\s+inet", port + " inet"))
                .reduce("", (all, line) -> all + line + "\n");
        Files.writeString(conf.resolve("master.cf"), services);
        run("postfix", "-c", conf.toString(), "start");
        for (int i = 0; i < 200 && !Machine.isOpen(port); i++) {
            Thread.sleep(50);
        }
    }

    public void source(int sessions, int mails) throws Exception {
        run("smtp-source", "-d", "-s", String.valueOf(sessions), "-l", "2048", "-m", String.valueOf(mails), "-f",
                "a@acme.test", "-t", "b@x.test", "127.0.0.1:" + port);
    }

    @Override
    public void close() throws Exception {
        run("postfix", "-c", home.resolve("conf").toString(), "stop");
    }

    private static void run(String... command) throws Exception {
        Path log = Files.createTempFile("caretaker-bench", ".log");
        int status = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor();
        String output = Files.readString(log);
        Files.delete(log);
        if (status != 0) {
            throw new IllegalStateException(String.join(" ", command) + " ended with " + status + ":\n" + output);
        }
    }

    private static String output(String... command) throws Exception {
        return new String(new ProcessBuilder(command).start().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
