package io.pgcaretaker.cli.postgres;

import com.sun.security.auth.module.UnixSystem;
import io.pgcaretaker.cli.local.CannotException;
import io.pgcaretaker.cli.local.PrivateFile;
import io.pgcaretaker.cli.process.Commands;
import io.pgcaretaker.cli.process.LogTail;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One PostgreSQL on 127.0.0.1 that syncs what it commits. pg_ctl puts it into a session of its own, so that Ctrl-C in
 * the terminal does not reach it before the services that use it are gone.
 */
public final class PostgresServer {

    public static final String USER = "postgres";

    /** A crash of a large database is recovered before it answers. */
    private static final Duration START_DEADLINE = Duration.ofSeconds(60);

    private static final Duration STOP_DEADLINE = Duration.ofSeconds(30);

    private final Binaries binaries;
    private final Path data;
    private final DataDirectory directory;
    private final Path log;
    private final boolean root;

    public PostgresServer(Binaries binaries, Path data, Path log) {
        this.binaries = binaries;
        this.data = data;
        this.directory = new DataDirectory(data);
        this.log = log;
        this.root = new UnixSystem().getUid() == 0;
    }

    /** Makes the cluster if there is none. */
    public boolean makeIfMissing(String password) {
        if (!directory.isEmpty()) {
            requireSameMajorVersion();
            return false;
        }
        Path passwordFile = data.resolveSibling(".initdb-password");
        PrivateFile.write(passwordFile, password + "\n");
        try {
            directory.make(fresh -> initdb(fresh, passwordFile));
        } finally {
            delete(passwordFile);
        }
        return true;
    }

    private void initdb(Path into, Path passwordFile) {
        // The built-in locale: the same on every platform, and no collation changes with the operating system.
        run(
                "initdb",
                START_DEADLINE,
                "-D",
                into.toString(),
                "-U",
                USER,
                "--auth=scram-sha-256",
                "--pwfile=" + passwordFile,
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8");
    }

    private void requireSameMajorVersion() {
        String program = run("postgres", START_DEADLINE, "--version");
        String cluster = directory.majorVersion();
        if (!program.contains(" " + cluster + ".")) {
            throw new CannotException("the data in " + data + " are PostgreSQL " + cluster
                    + "'s, but this build brings " + program + "; move that directory away to begin anew");
        }
    }

    /** Starts it; a server that outlived a killed launcher is stopped first. */
    public void start(int port) {
        if (directory.postmaster().isPresent()) {
            stop();
        }
        directory.deleteStaleLock();
        directory.writeConfiguration(configuration(port));
        run(
                "pg_ctl",
                START_DEADLINE.plusSeconds(5),
                "start",
                "-s",
                "-w",
                "-t",
                "60",
                "-D",
                data.toString(),
                "-l",
                log.toString());
    }

    private static String configuration(int port) {
        return """
                # Written anew at each start; for settings of your own use `alter system`.
                listen_addresses = '127.0.0.1'
                port = %d
                unix_socket_directories = ''
                max_connections = 100
                shared_preload_libraries = 'pg_stat_statements'
                fsync = on
                synchronous_commit = on
                full_page_writes = on
                password_encryption = 'scram-sha-256'
                log_line_prefix = '%%m [%%p] %%a '
                lc_messages = 'C'
                """.formatted(port);
    }

    /** The postmaster, while it lives. */
    public Optional<ProcessHandle> process() {
        return directory.postmaster();
    }

    /** Ends sessions and shuts down in order; returns when it is gone. */
    public void stop() {
        if (directory.postmaster().isPresent()) {
            run(
                    "pg_ctl",
                    STOP_DEADLINE.plusSeconds(5),
                    "stop",
                    "-s",
                    "-m",
                    "fast",
                    "-w",
                    "-t",
                    "30",
                    "-D",
                    data.toString());
        }
    }

    /** As {@link #stop}, but does not wait. */
    public void requestStop() {
        if (directory.postmaster().isPresent()) {
            run("pg_ctl", STOP_DEADLINE, "stop", "-s", "-m", "fast", "-W", "-D", data.toString());
        }
    }

    private String run(String program, Duration deadline, String... arguments) {
        List<String> command = new ArrayList<>();
        if (root) {
            // PostgreSQL refuses root. In a user namespace of its own it is nobody there, and owns the same files.
            command.addAll(List.of("unshare", "-U"));
        }
        command.add(binaries.program(program).toString());
        command.addAll(List.of(arguments));
        Commands.Result result =
                program.equals("pg_ctl") ? Commands.runWhole(command, deadline) : Commands.run(command, deadline);
        if (result.exitCode() != 0) {
            throw new CannotException(failure(program, result));
        }
        return result.output();
    }

    private String failure(String program, Commands.Result result) {
        if (root && result.output().startsWith("unshare:")) {
            return "PostgreSQL does not run as root, and this machine allows no user namespaces (" + result.output()
                    + "); run ./caretaker up as another user, or set DATABASE_URL";
        }
        String end = program.equals("pg_ctl") ? "\n" + String.join("\n", LogTail.lines(log, 15)) : "";
        return program + " failed (exit " + result.exitCode() + "): " + result.output() + end;
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
