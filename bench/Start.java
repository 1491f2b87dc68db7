import io.pgcaretaker.cli.local.Home;
import io.pgcaretaker.cli.local.LocalState;
import io.pgcaretaker.cli.up.Readiness;
import io.pgcaretaker.cli.up.Service;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * What a start costs: time until ready, CPU until then, and the memory of the idle service, one service at a time, with
 * the flags of `./caretaker up`, on the default JDK and on 25. PostgreSQL and the mail catcher run beside it.
 */
public class Start {

    /** What one start took; PSS is unknown (NaN) but on Linux. */
    record Run(double readySeconds, double cpuSeconds, double rssMegabytes, double pssMegabytes) {}

    /** From the figures measured before this code was written (reference: 2.2-2.9 s, 3.0 s, 161-181 MB), with room. */
    enum Goal {
        READY_SECONDS(5.0, Run::readySeconds),
        CPU_SECONDS(6.0, Run::cpuSeconds),
        RSS_MEGABYTES(220, Run::rssMegabytes);

        private final double target;
        private final ToDoubleFunction<Run> value;

        Goal(double target, ToDoubleFunction<Run> value) {
            this.target = target;
            this.value = value;
        }
    }

    private static final Path ROOT = Path.of(System.getProperty("caretaker.root"));
    private static final Duration DEADLINE = Duration.ofMinutes(2);

    private final Readiness readiness = new Readiness();
    private final Duration idle;
    private final int runs;

    Start(boolean quick) {
        this.idle = Duration.ofSeconds(quick ? 2 : 8);
        this.runs = quick ? 1 : 5;
    }

    public static void main(String... arguments) throws Exception {
        boolean allOk = new Start(Arrays.asList(arguments).contains("--quick")).measure();
        System.exit(allOk ? 0 : 1);
    }

    private boolean measure() throws Exception {
        Path directory = Files.createTempDirectory("caretaker-bench");
        Path log = directory.resolve("up.log");
        Process up = launchUp(directory, log);
        // Ctrl-C, too, ends what was started.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> clean(up, directory)));
        LocalState state = awaitUp(up, directory, log);
        Map<String, Map<Service, Run>> medians = new LinkedHashMap<>();
        for (Map.Entry<String, Path> jdk : jdks().entrySet()) {
            Map<Service, Run> ofJdk = new LinkedHashMap<>();
            for (Service service : Service.values()) {
                List<Run> all = new ArrayList<>();
                for (int i = 0; i < runs; i++) {
                    all.add(run(jdk.getValue(), service, state, directory));
                }
                ofJdk.put(service, median(all));
            }
            medians.put(jdk.getKey(), ofJdk);
        }
        print(medians);
        return goals(medians);
    }

    private static Process launchUp(Path directory, Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        ROOT.resolve("caretaker").toString(),
                        "up",
                        "--without-services",
                        "--ports-from",
                        String.valueOf(freePort()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().keySet().removeAll(List.of("DATABASE_URL", "SMTP_URL", "RESEND_API_KEY"));
        builder.environment().put("CARETAKER_HOME", directory.toString());
        builder.environment().put("CARETAKER_BUILD", "never");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return builder.start();
    }

    private static LocalState awaitUp(Process up, Path directory, Path log) throws Exception {
        Home home = new Home(ROOT, directory);
        long until = System.nanoTime() + DEADLINE.toNanos();
        while (LocalState.read(home).isEmpty()) {
            if (!up.isAlive() || System.nanoTime() > until) {
                throw new IllegalStateException("PostgreSQL does not start:\n" + Files.readString(log));
            }
            Thread.sleep(200);
        }
        return LocalState.read(home).orElseThrow();
    }

    /** The one that runs this, and 25 where it is. */
    private static Map<String, Path> jdks() throws IOException {
        Map<String, Path> jdks = new LinkedHashMap<>();
        jdks.put("JDK " + Runtime.version().feature(), Path.of(System.getProperty("java.home")));
        if (Runtime.version().feature() != 25) {
            String named = System.getenv("JAVA_25_HOME");
            if (named != null && !named.isBlank()) {
                jdks.put("JDK 25", Path.of(named));
            } else if (Files.isDirectory(Path.of("/usr/lib/jvm"))) {
                try (DirectoryStream<Path> found = Files.newDirectoryStream(Path.of("/usr/lib/jvm"), "*25*")) {
                    for (Path jdk : found) {
                        if (Files.isExecutable(jdk.resolve("bin/java"))) {
                            jdks.putIfAbsent("JDK 25", jdk);
                        }
                    }
                }
            }
        }
        return jdks;
    }

    private Run run(Path jdk, Service service, LocalState state, Path directory) throws Exception {
        int management = freePort();
        List<String> command = new ArrayList<>(List.of(jdk.resolve("bin/java").toString()));
        command.addAll(Service.JVM_FLAGS);
        command.addAll(List.of(
                "-jar",
                ROOT.resolve(service.artifact() + "/target/quarkus-app/quarkus-run.jar").toString()));
        Path log = directory.resolve(service.artifact() + ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(Map.of(
                "DATABASE_URL", state.databaseUrl(),
                "CARETAKER_API_KEYS", "bench:operator+sender+reporter:" + state.apiKey(),
                "CARETAKER_SERVICE_KEY", state.serviceKey(),
                "SMTP_URL", String.valueOf(state.smtpUrl()),
                "FROM_EMAIL", "Caretaker <caretaker@example.com>",
                "CLEANUP_MODE", "shadow",
                "QUARKUS_HTTP_HOST", "127.0.0.1",
                "QUARKUS_HTTP_PORT", String.valueOf(freePort()),
                "QUARKUS_MANAGEMENT_HOST", "127.0.0.1",
                "QUARKUS_MANAGEMENT_PORT", String.valueOf(management)));
        long begin = System.nanoTime();
        Process process = builder.start();
        try {
            while (!readiness.isReady("http://127.0.0.1:" + management)) {
                if (!process.isAlive() || System.nanoTime() - begin > DEADLINE.toNanos()) {
                    throw new IllegalStateException(service + " does not start:\n" + Files.readString(log));
                }
                Thread.sleep(10);
            }
            double ready = (System.nanoTime() - begin) / 1e9;
            double cpu = process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1000.0;
            Thread.sleep(idle.toMillis());
            return new Run(ready, cpu, rss(process.pid()), pss(process.pid()));
        } finally {
            process.destroy();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    private static double rss(long pid) throws IOException {
        Process ps = new ProcessBuilder("ps", "-o", "rss=", "-p", String.valueOf(pid)).start();
        return Double.parseDouble(new String(ps.getInputStream().readAllBytes()).strip()) / 1024;
    }

    private static double pss(long pid) throws IOException {
        Path rollup = Path.of("/proc/" + pid + "/smaps_rollup");
        if (!Files.isReadable(rollup)) {
            return Double.NaN;
        }
        try (Stream<String> lines = Files.lines(rollup)) {
            return lines.filter(line -> line.startsWith("Pss:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                    .findFirst()
                    .orElse(Double.NaN);
        }
    }

    private static Run median(List<Run> runs) {
        return new Run(
                median(runs, Run::readySeconds),
                median(runs, Run::cpuSeconds),
                median(runs, Run::rssMegabytes),
                median(runs, Run::pssMegabytes));
    }

    private static double median(List<Run> runs, ToDoubleFunction<Run> value) {
        double[] sorted = runs.stream().mapToDouble(value).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private void print(Map<String, Map<Service, Run>> medians) {
        double load = java.lang.management.ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        say("start of one service, median of %d, flags %s", runs, String.join(" ", Service.JVM_FLAGS));
        say("processors %d, load %.1f (figures mean something on a quiet machine only)%n", Runtime.getRuntime().availableProcessors(), load);
        say("%-20s %-8s %9s %9s %9s %9s", "service", "jdk", "ready s", "cpu s", "rss MB", "pss MB");
        for (Service service : Service.values()) {
            medians.forEach((jdk, runs) -> {
                Run run = runs.get(service);
                say("%-20s %-8s %9.2f %9.2f %9.0f %9.0f", service.artifact(), jdk, run.readySeconds(), run.cpuSeconds(), run.rssMegabytes(), run.pssMegabytes());
            });
        }
        say("");
    }

    /** One line a goal, by the worst service and JDK. */
    private static boolean goals(Map<String, Map<Service, Run>> medians) {
        boolean allOk = true;
        for (Goal goal : Goal.values()) {
            double worst = medians.values().stream()
                    .flatMap(runs -> runs.values().stream())
                    .mapToDouble(goal.value)
                    .max()
                    .orElse(Double.NaN);
            boolean ok = worst <= goal.target;
            allOk &= ok;
            say("goal start-%s %.2f %.2f %s", goal.name().toLowerCase(Locale.ROOT).replace('_', '-'), worst, goal.target, ok ? "ok" : "short");
        }
        return allOk;
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return Math.min(socket.getLocalPort(), 60_000);
        }
    }

    private static void clean(Process up, Path directory) {
        try {
            up.destroy();
            up.waitFor(30, TimeUnit.SECONDS);
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            System.err.println("left behind: " + directory + " (" + e.getMessage() + ")");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
