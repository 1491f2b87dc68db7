package cleanup;

import io.pgcaretaker.database.DatabaseUrl;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import support.Stack;

/** The application: four clients at 400 transactions a second, and what they feel. */
final class Pgbench {

    record Latency(double p95, double p99, double max) {}

    /**
     * What was felt beside what; no result: beside nothing.
     *
     * @param alone seconds that the contender went on when pgbench had ended
     */
    record Beside(Latency latency, Optional<Result> result, double alone) {}

    private final Path program;
    private final Stack stack;

    private Pgbench(Path program, Stack stack) {
        this.program = program;
        this.stack = stack;
    }

    /** The one of this machine, if there is one. */
    static Optional<Pgbench> find(Stack stack) throws IOException {
        List<Path> places = new ArrayList<>();
        for (String path : System.getenv().getOrDefault("PATH", "").split(":")) {
            places.add(Path.of(path, "pgbench"));
        }
        if (Files.isDirectory(Path.of("/usr/lib/postgresql"))) {
            try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
                versions.forEach(version -> places.add(version.resolve("bin/pgbench")));
            }
        }
        return places.stream().filter(Files::isExecutable).findFirst().map(program -> new Pgbench(program, stack));
    }

    void initialize(String database) throws Exception {
        if (start(database, "-i", "-s", "10", "-q").waitFor() != 0) {
            throw new IllegalStateException("pgbench: " + Files.readString(log()));
        }
    }

    /**
     * By pgbench's own log, for as long as the contender's statements or run lasted, or pgbench, where a slow machine makes a run
     * last longer; all of it where nothing is beside it.
     */
    Beside beside(String database, int seconds, Callable<Optional<Result>> contender) throws Exception {
        Path logs = Files.createTempDirectory(stack.directory(), "pgbench");
        long start = System.currentTimeMillis();
        Process clients = start(
                database, "-c", "4", "-j", "2", "-R", "400", "-T", String.valueOf(seconds), "-l", "--log-prefix=" + logs.resolve("log"));
        Thread.sleep(2_000);
        long begin = System.currentTimeMillis();
        Optional<Result> result = contender.call();
        double alone = Math.max(0, (System.currentTimeMillis() - start) / 1e3 - seconds);
        long end = System.currentTimeMillis() + TimeUnit.SECONDS.toMillis(seconds);
        if (result.isPresent()) {
            begin = result.get().begin();
            end = Math.max(result.get().end(), begin + 1_000);
        }
        clients.waitFor();
        return new Beside(latency(logs, begin, end), result, result.isPresent() ? alone : 0);
    }

    private Process start(String database, String... arguments) throws IOException {
        DatabaseUrl url = DatabaseUrl.parse(stack.state().databaseUrl());
        URI server = URI.create(url.jdbcUrl().substring("jdbc:".length()));
        List<String> command = new ArrayList<>(List.of(
                program.toString(), "-h", server.getHost(), "-p", String.valueOf(server.getPort()), "-U", url.username()));
        command.addAll(List.of(arguments));
        command.add(database);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log().toFile());
        builder.environment().put("PGPASSWORD", url.password());
        return builder.start();
    }

    private Path log() {
        return stack.directory().resolve("pgbench.log");
    }

    /** A line: client, number, microseconds, script, epoch seconds, its microseconds, and how late it began. */
    private static Latency latency(Path logs, long begin, long end) throws IOException {
        List<Double> millis = new ArrayList<>();
        try (Stream<Path> files = Files.list(logs)) {
            for (Path file : files.toList()) {
                for (String line : Files.readAllLines(file)) {
                    String[] parts = line.split(" ");
                    long at = Long.parseLong(parts[4]) * 1_000 + Long.parseLong(parts[5]) / 1_000;
                    if (at >= begin && at <= end) {
                        millis.add(Double.parseDouble(parts[2]) / 1_000);
                    }
                }
            }
        }
        double[] sorted = millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted.length == 0
                ? new Latency(Double.NaN, Double.NaN, Double.NaN)
                : new Latency(sorted[sorted.length * 95 / 100], sorted[sorted.length * 99 / 100], sorted[sorted.length - 1]);
    }
}
