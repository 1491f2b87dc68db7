import io.pgcaretaker.cli.up.ClassArchive;
import io.pgcaretaker.cli.up.Service;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import support.Machine;
import support.Report;
import support.ServiceProcess;
import support.Stack;
import support.Usage;

/**
 * What a start costs: time until ready, CPU until then, and the memory of the idle service, one service at a time, with
 * the flags of `./caretaker up` and its archive of classes, on the default JDK and on 25. The first start, which has no
 * archive yet, is shown too; the goals are for the later ones. PostgreSQL and the mail catcher run beside it.
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

    private final Report report = new Report();
    private final Duration idle;
    private final int runs;

    Start(boolean quick) {
        this.idle = Duration.ofSeconds(quick ? 2 : 8);
        this.runs = quick ? 1 : 5;
    }

    public static void main(String... arguments) throws Exception {
        new Usage("start", List.of("--quick"), List.of()).check(arguments);
        new Start(List.of(arguments).contains("--quick")).measure();
    }

    private void measure() throws Exception {
        Stack stack = Stack.start();
        Map<String, Map<Service, Run>> first = new LinkedHashMap<>();
        Map<String, Map<Service, Run>> medians = new LinkedHashMap<>();
        for (Map.Entry<String, Path> jdk : jdks().entrySet()) {
            Map<Service, Run> ofJdk = new LinkedHashMap<>();
            Map<Service, Run> firsts = new LinkedHashMap<>();
            for (Service service : Service.values()) {
                ClassArchive classes = ClassArchive.of(
                        stack.directory().resolve("classes"),
                        service.artifact(),
                        jdk.getValue(),
                        Service.JVM_FLAGS,
                        Stack.root().resolve(service.artifact() + "/target/quarkus-app"));
                firsts.put(service, run(jdk.getValue(), service, stack, classes));
                classes.keep();
                List<Run> all = new ArrayList<>();
                for (int i = 0; i < runs; i++) {
                    all.add(run(jdk.getValue(), service, stack, classes));
                }
                ofJdk.put(service, median(all));
            }
            medians.put(jdk.getKey(), ofJdk);
            first.put(jdk.getKey(), firsts);
        }
        print(first, medians);
        goals(medians);
        report.end();
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

    private Run run(Path jdk, Service service, Stack stack, ClassArchive classes) throws Exception {
        long begin = System.nanoTime();
        try (ServiceProcess started = new ServiceProcess.Builder(stack, service)
                .javaHome(jdk)
                .moreFlags(classes.flags())
                .environment(Map.of("CLEANUP_MODE", "shadow"))
                .start()) {
            double ready = Machine.secondsSince(begin);
            ProcessHandle.Info info = started.process().info();
            double cpu = info.totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1000.0;
            Thread.sleep(idle.toMillis());
            long pid = started.process().pid();
            return new Run(ready, cpu, Machine.residentMegabytes(pid), Machine.proportionalMegabytes(pid));
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
        return Report.median(runs.stream().mapToDouble(value).toArray());
    }

    private void print(Map<String, Map<Service, Run>> first, Map<String, Map<Service, Run>> medians) {
        report.say("start of one service, median of %d, flags %s", runs, String.join(" ", Service.JVM_FLAGS));
        report.say("processors %d, load %.1f (figures mean something on a quiet machine only)%n", Runtime.getRuntime().availableProcessors(), Machine.load());
        table("the first start of a build, which writes its classes down", first);
        table("every later one", medians);
    }

    private void table(String what, Map<String, Map<Service, Run>> measured) {
        report.say("%s%n%-20s %-8s %9s %9s %9s %9s", what, "service", "jdk", "ready s", "cpu s", "rss MB", "pss MB");
        for (Service service : Service.values()) {
            measured.forEach((jdk, runs) -> {
                Run run = runs.get(service);
                report.say("%-20s %-8s %9.2f %9.2f %9.0f %9.0f", service.artifact(), jdk, run.readySeconds(), run.cpuSeconds(), run.rssMegabytes(), run.pssMegabytes());
            });
        }
        report.say("");
    }

    /** Of the later starts, by the worst service and JDK. */
    private void goals(Map<String, Map<Service, Run>> medians) {
        for (Goal goal : Goal.values()) {
            double worst = medians.values().stream()
                    .flatMap(runs -> runs.values().stream())
                    .mapToDouble(goal.value)
                    .max()
                    .orElse(Double.NaN);
            report.atMost("start-" + goal.name().toLowerCase(Locale.ROOT).replace('_', '-'), worst, goal.target);
        }
    }
}
