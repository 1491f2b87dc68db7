package support;

import io.pgcaretaker.cli.local.LocalState;
import io.pgcaretaker.cli.up.Readiness;
import io.pgcaretaker.cli.up.Service;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One packaged service in a JVM of its own, on free ports of this machine, that knows the stack's API key as operator. */
public final class ServiceProcess implements AutoCloseable {

    private static final Duration DEADLINE = Duration.ofMinutes(2);

    private final Process process;
    private final Path log;
    private final int port;
    private final int management;

    private ServiceProcess(Process process, Path log, int port, int management) {
        this.process = process;
        this.log = log;
        this.port = port;
        this.management = management;
    }

    /** How to start one; what is not said is as `./caretaker up` has it. */
    public static final class Builder {
        private final Stack stack;
        private final Service service;
        private final Map<String, String> environment = new HashMap<>();
        private List<String> wrapper = List.of();
        private Path javaHome = Path.of(System.getProperty("java.home"));
        private List<String> flags = Service.JVM_FLAGS;
        private int port;

        public Builder(Stack stack, Service service) {
            this.stack = stack;
            this.service = service;
            LocalState state = stack.state();
            environment.putAll(Map.of(
                    "DATABASE_URL", state.databaseUrl(),
                    "CARETAKER_API_KEYS", "bench:operator+sender+reporter:" + state.apiKey(),
                    "CARETAKER_SERVICE_KEY", state.serviceKey(),
                    "SMTP_URL", String.valueOf(state.smtpUrl()),
                    "FROM_EMAIL", "Caretaker <caretaker@example.com>",
                    "QUARKUS_HTTP_HOST", "127.0.0.1",
                    "QUARKUS_MANAGEMENT_HOST", "127.0.0.1"));
        }

        public Builder javaHome(Path home) {
            javaHome = home;
            return this;
        }

        /** Instead of those of `./caretaker up`. */
        public Builder flags(List<String> only) {
            flags = only;
            return this;
        }

        /** Besides those of `./caretaker up`. */
        public Builder moreFlags(List<String> more) {
            List<String> all = new ArrayList<>(flags);
            all.addAll(more);
            flags = all;
            return this;
        }

        public Builder environment(Map<String, String> more) {
            environment.putAll(more);
            return this;
        }

        /** Such as {@code taskset -c 0}. */
        public Builder within(List<String> command) {
            wrapper = command;
            return this;
        }

        /** Instead of a free one: for a service that comes back where it was. */
        public Builder port(int fixed) {
            port = fixed;
            return this;
        }

        /** Starts it, and does not wait. */
        public ServiceProcess launch() throws IOException {
            int http = port == 0 ? Machine.freePort() : port;
            int management = Machine.freePort();
            environment.put("QUARKUS_HTTP_PORT", String.valueOf(http));
            environment.put("QUARKUS_MANAGEMENT_PORT", String.valueOf(management));
            List<String> command = new ArrayList<>(wrapper);
            command.add(javaHome.resolve("bin/java").toString());
            command.addAll(flags);
            Path jar = Stack.root().resolve(service.artifact() + "/target/quarkus-app/quarkus-run.jar");
            command.addAll(List.of("-jar", jar.toString()));
            Path log = stack.directory().resolve(service.artifact() + ".log");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            builder.environment().putAll(environment);
            Process process = builder.start();
            stack.add(process);
            return new ServiceProcess(process, log, http, management);
        }

        /** Starts it, and waits until it is ready. */
        public ServiceProcess start() throws Exception {
            ServiceProcess started = launch();
            started.awaitReady();
            return started;
        }
    }

    public void awaitReady() throws Exception {
        Readiness readiness = new Readiness();
        await(DEADLINE, Duration.ofMillis(10), () -> readiness.isReady(managementUrl()));
    }

    /** Fails with its log when it ends before. */
    public void await(Duration deadline, Duration pause, Machine.Condition condition) throws Exception {
        Machine.await(process, log, deadline, pause, condition);
    }

    public Process process() {
        return process;
    }

    public int port() {
        return port;
    }

    public String url() {
        return "http://127.0.0.1:" + port;
    }

    public String managementUrl() {
        return "http://127.0.0.1:" + management;
    }

    /** As kill -9 does. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(40, TimeUnit.SECONDS)) {
            kill();
        }
    }
}
