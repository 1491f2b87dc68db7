package io.pgcaretaker.cli.up;

import io.pgcaretaker.cli.local.Home;
import io.pgcaretaker.cli.local.LocalState;
import io.pgcaretaker.testing.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The real {@code ./caretaker up} of this checkout as a process, for tests of the whole system: its services can be
 * killed, stopped and started while it runs. Closing it ends it in order.
 */
public final class LocalCaretaker implements AutoCloseable {

    /** The checkout. */
    public static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** A busy machine with two cores. */
    private static final Duration DEADLINE = Duration.ofMinutes(3);

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static final List<String> ANYBODYS = List.of(
            "DATABASE_URL",
            "CLEANUP_DATABASE_URL",
            "EMAIL_DATABASE_URL",
            "MONITORING_DATABASE_URL",
            "SMTP_URL",
            "RESEND_API_KEY",
            "CLEANUP_MODE",
            "CLEANUP_URL",
            "CARETAKER_API_KEYS");

    /**
     * Who runs the tests may have told them to ignore Ctrl-C, as su, nohup and some CI runners do, and nobody below can
     * undo that by himself. Only GNU's env can.
     */
    private static final List<String> WITH_CTRL_C =
            succeeds("env", "--default-signal=INT", "true") ? List.of("env", "--default-signal=INT") : List.of();

    private final Home home;
    private final Process process;
    private final Path output;

    private LocalCaretaker(Home home, Process process, Path output) {
        this.home = home;
        this.process = process;
        this.output = output;
    }

    /** Launches it and returns at once; its data are in {@code directory}, its ports from some free one upwards. */
    public static LocalCaretaker launch(Path directory, Map<String, String> environment, String... options) {
        List<String> arguments = new ArrayList<>(List.of("up", "--ports-from", String.valueOf(FreePort.find())));
        arguments.addAll(List.of(options));
        return launchWith(directory, environment, arguments);
    }

    static LocalCaretaker launchWith(Path directory, Map<String, String> environment, List<String> arguments) {
        try {
            Path output = Files.createTempFile("caretaker-up", ".log");
            return new LocalCaretaker(
                    new Home(ROOT, directory), script(directory, environment, arguments, output), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Launches it and waits until all is ready. */
    public static LocalCaretaker start(Path directory, Map<String, String> environment, String... options) {
        LocalCaretaker caretaker = launch(directory, environment, options);
        caretaker.awaitOutput("Ready. Ctrl-C stops everything.");
        return caretaker;
    }

    private static Process script(Path directory, Map<String, String> environment, List<String> arguments, Path output)
            throws IOException {
        List<String> command = new ArrayList<>(WITH_CTRL_C);
        command.add(ROOT.resolve("caretaker").toString());
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        ANYBODYS.forEach(builder.environment()::remove);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        // Maven has built what this test tests, and is still at it.
        builder.environment().put("CARETAKER_BUILD", "never");
        builder.environment().put("CARETAKER_HOME", directory.toString());
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** What another command of the script says about this one, its exit code last: {@code "… exit 0"}. */
    public String run(String... arguments) {
        try {
            Path said = Files.createTempFile("caretaker", ".log");
            Process other = script(home.directory(), Map.of(), List.of(arguments), said);
            if (!other.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
                other.destroyForcibly();
                throw new IllegalStateException(List.of(arguments) + " does not end: " + Files.readString(said));
            }
            String all = Files.readString(said) + "exit " + other.exitValue();
            Files.delete(said);
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Stops a part in order and keeps it so: {@code monitoring}, {@code cleanup}, {@code email} or {@code postgres}. */
    public void stop(String part) {
        require(run("stop", part));
    }

    /** Starts it again, and returns when it is ready. */
    public void start(String part) {
        require(run("start", part));
    }

    private static void require(String said) {
        if (!said.endsWith("exit 0")) {
            throw new IllegalStateException(said);
        }
    }

    /** kill -9; the launcher starts it again, see {@link #awaitRestart}. Returns the pid that it had. */
    public long kill(String part) {
        long pid = state().pids().get(part);
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        return pid;
    }

    /** Waits until the part runs under another pid than this, and is ready. */
    public void awaitRestart(String part, long formerPid) {
        String what = part + " runs again";
        await(what, () -> state().pids().getOrDefault(part, formerPid) != formerPid);
        if (state().management().containsKey(part)) {
            await(what + " and is ready", () -> isReady(part));
        }
    }

    public boolean isReady(String service) {
        try {
            return get(state().management().get(service) + "/q/health/ready").statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** GET with this machine's API key. */
    public HttpResponse<String> get(String url) throws IOException {
        return send(request(url).GET());
    }

    /** POST of JSON with this machine's API key. */
    public HttpResponse<String> post(String url, String json, String... headers) throws IOException {
        HttpRequest.Builder request = request(url).header("Content-Type", "application/json");
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request.POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    private HttpRequest.Builder request(String url) {
        return HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(30))
                .header("Authorization", "Bearer " + state().apiKey());
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
        try {
            return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The database that the services look after. */
    public Connection connect() throws SQLException {
        var url = io.pgcaretaker.database.DatabaseUrl.parse(state().databaseUrl());
        return DriverManager.getConnection(url.jdbcUrl(), url.username(), url.password());
    }

    public LocalState state() {
        return LocalState.read(home).orElseThrow(() -> new IllegalStateException("`up` is not ready:\n" + output()));
    }

    public Home home() {
        return home;
    }

    public ProcessHandle launcher() {
        return process.toHandle();
    }

    /** All that `up` has said so far. */
    public String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void awaitOutput(String text) {
        await("`up` says: " + text, () -> {
            if (!process.isAlive() && !output().contains(text)) {
                throw new IllegalStateException("`up` has ended (" + process.exitValue() + "):\n" + output());
            }
            return output().contains(text);
        });
    }

    private void await(String what, BooleanSupplier condition) {
        org.awaitility.Awaitility.await(what)
                .atMost(DEADLINE)
                .pollInterval(Duration.ofMillis(100))
                .until(condition::getAsBoolean);
    }

    /** Sends a signal by its name, such as INT, to one process. */
    public static void signal(String name, long pid) {
        succeeds("/bin/sh", "-c", "kill -" + name + " " + pid);
    }

    private static boolean succeeds(String... command) {
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public int awaitExit() {
        await("`up` ends", () -> !process.isAlive());
        return process.exitValue();
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            signal("TERM", process.pid());
            awaitExit();
        }
        try {
            Files.deleteIfExists(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
