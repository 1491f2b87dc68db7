import io.pgcaretaker.cli.local.Home;
import io.pgcaretaker.cli.local.LocalState;
import io.pgcaretaker.cli.up.Readiness;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * email-service killed with SIGKILL again and again, at any moment, and PostgreSQL stopped and started under it, while mail
 * comes in and goes out and a sink counts: whatever was accepted ends, and whatever came twice was reported unknown.
 */
public class Emailfaults {

    private static final Path ROOT = Path.of(System.getProperty("caretaker.root"));
    private static final int CALLERS = 6;

    private final int kills;
    private final int restarts;
    private final Path directory = Files.createTempDirectory("caretaker-bench");
    private final List<AutoCloseable> started = new ArrayList<>();
    private final int port = freePort();
    private final int management = freePort();
    private LocalState state;
    private boolean allOk = true;

    Emailfaults(boolean quick) throws IOException {
        this.kills = quick ? 12 : 100;
        this.restarts = quick ? 2 : 5;
    }

    public static void main(String... arguments) throws Exception {
        Emailfaults faults = new Emailfaults(Arrays.asList(arguments).contains("--quick"));
        Runtime.getRuntime().addShutdownHook(new Thread(faults::clean));
        faults.run();
        System.exit(faults.allOk ? 0 : 1);
    }

    private void run() throws Exception {
        state = up();
        Random random = new Random(20_26);
        Set<String> accepted = ConcurrentHashMap.newKeySet();
        AtomicBoolean enough = new AtomicBoolean();
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        try (Sink sink = new Sink()) {
            Process service = service(sink.port());
            for (int i = 0; i < CALLERS; i++) {
                int caller = i;
                callers.execute(() -> handIn("c" + caller, accepted, enough));
            }
            for (int kill = 0; kill < kills; kill++) {
                Thread.sleep(300 + random.nextInt(1_500));
                service.destroyForcibly().waitFor();
                service = service(sink.port());
            }
            for (int restart = 0; restart < restarts; restart++) {
                Thread.sleep(500 + random.nextInt(1_500));
                caretaker("stop", "postgres");
                Thread.sleep(random.nextInt(3_000));
                caretaker("start", "postgres");
            }
            int before = accepted.size();
            long patience = System.nanoTime();
            while (accepted.size() < before + 100 && seconds(patience) < 60) {
                Thread.sleep(50);
            }
            goal("emailfaults-taken-after-restarts", accepted.size() - before, 100, accepted.size() >= before + 100);
            enough.set(true);
            callers.shutdown();
            callers.awaitTermination(60, TimeUnit.SECONDS);
            verify(sink, accepted);
            service.destroy();
            service.waitFor(40, TimeUnit.SECONDS);
        }
    }

    private void verify(Sink sink, Set<String> accepted) throws Exception {
        try (Connection database = connect(); Statement sql = database.createStatement()) {
            long until = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
            while (number(sql, "select count(*) from caretaker.email_due") > 0 && System.nanoTime() < until) {
                Thread.sleep(200);
            }
            Map<String, Integer> delivered = sink.counts();
            Map<String, Integer> unknown = new HashMap<>();
            try (ResultSet rows = sql.executeQuery("select r.address, count(*) from caretaker.email_attempt a"
                    + " join caretaker.email_recipient r on r.id = a.recipient_id where a.outcome = 'unknown' group by 1")) {
                while (rows.next()) {
                    unknown.put(rows.getString(1), rows.getInt(2));
                }
            }
            long lost = accepted.stream().filter(mail -> !delivered.containsKey(mail)).count();
            long notEnded = number(sql, "select count(*) from caretaker.email_recipient where state not in ('sent', 'failed', 'expired', 'canceled', 'suppressed')");
            long duplicates = delivered.values().stream().mapToInt(times -> times - 1).sum();
            long unreported = delivered.entrySet().stream()
                    .filter(mail -> mail.getValue() - 1 > unknown.getOrDefault(mail.getKey(), 0))
                    .count();
            long keysTwice = number(sql, "select count(*) - count(distinct address) from caretaker.email_recipient");
            say("%d kills, %d restarts of PostgreSQL, %d mails accepted, %d delivered, %d came twice, %d attempts reported unknown%n", kills, restarts, accepted.size(), delivered.size(), duplicates, unknown.values().stream().mapToInt(i -> i).sum());
            goal("emailfaults-kills", kills, Math.min(kills, 100), kills >= Math.min(kills, 100));
            goal("emailfaults-lost", lost, 0, lost == 0);
            goal("emailfaults-not-ended", notEnded, 0, notEnded == 0);
            goal("emailfaults-accepted-twice", keysTwice, 0, keysTwice == 0);
            goal("emailfaults-duplicates-not-reported", unreported, 0, unreported == 0);
        }
    }

    private static long number(Statement sql, String query) throws Exception {
        try (ResultSet row = sql.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    /** One mail after the other, each repeated with its key until it is answered, as an application would. */
    private void handIn(String caller, Set<String> accepted, AtomicBoolean enough) {
        HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
        for (int i = 0; !enough.get(); i++) {
            String to = caller + "-" + i + "@x.test";
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/emails"))
                    .timeout(Duration.ofSeconds(5))
                    .header("Authorization", "Bearer " + state.apiKey())
                    .header("Content-Type", "application/json")
                    .header("Idempotency-Key", to)
                    .POST(HttpRequest.BodyPublishers.ofString(
                            "{\"from\":\"a@acme.test\",\"to\":\"" + to + "\",\"subject\":\"kill\",\"text\":\"x\"}"))
                    .build();
            boolean answered = false;
            while (!answered) {
                try {
                    answered = http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() == 200;
                } catch (IOException e) {
                    answered = false;
                } catch (InterruptedException e) {
                    return;
                }
                if (!answered) {
                    java.util.concurrent.locks.LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
                }
            }
            accepted.add(to);
        }
    }

    /** Counts by recipient; a mail is taken at the final dot, whether or not the answer is heard. */
    private static final class Sink implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        private final Map<String, AtomicInteger> taken = new ConcurrentHashMap<>();
        private final ExecutorService sessions = Executors.newCachedThreadPool(work -> {
            Thread thread = new Thread(work);
            thread.setDaemon(true);
            return thread;
        });

        Sink() throws IOException {
            sessions.execute(() -> {
                try {
                    while (true) {
                        Socket socket = server.accept();
                        sessions.execute(() -> converse(socket));
                    }
                } catch (IOException e) {
                    sessions.shutdownNow();
                }
            });
        }

        int port() {
            return server.getLocalPort();
        }

        Map<String, Integer> counts() {
            Map<String, Integer> counts = new HashMap<>();
            taken.forEach((recipient, times) -> counts.put(recipient, times.get()));
            return counts;
        }

        private void converse(Socket socket) {
            try (socket) {
                BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
                say(socket, "220 sink");
                String recipient = "";
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    if (line.startsWith("RCPT")) {
                        recipient = line.substring(line.indexOf('<') + 1, line.indexOf('>'));
                    }
                    if (line.startsWith("EHLO")) {
                        say(socket, "250-sink\r\n250 PIPELINING");
                    } else if (line.startsWith("DATA")) {
                        say(socket, "354 go on");
                        String text = in.readLine();
                        while (text != null && !text.equals(".")) {
                            text = in.readLine();
                        }
                        if (text == null) {
                            return;
                        }
                        taken.computeIfAbsent(recipient, name -> new AtomicInteger()).incrementAndGet();
                        say(socket, "250 Ok");
                    } else {
                        say(socket, "250 Ok");
                    }
                }
            } catch (IOException e) {
                taken.remove("");
            }
        }

        private static void say(Socket socket, String line) throws IOException {
            socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    private Process service(int smtpPort) throws Exception {
        Path log = directory.resolve("email-service.log");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx128m",
                        "-jar",
                        ROOT.resolve("email-service/target/quarkus-app/quarkus-run.jar").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(Map.of(
                "DATABASE_URL", state.databaseUrl(),
                "CARETAKER_API_KEYS", "bench:operator+sender:" + state.apiKey(),
                "SMTP_URL", "smtp://127.0.0.1:" + smtpPort + "?starttls=disabled",
                "FROM_EMAIL", "Caretaker <caretaker@example.com>",
                "CARETAKER_EMAIL_DELIVERY_LEASE", "5s",
                "CARETAKER_EMAIL_DELIVERY_SEND_DEADLINE", "2s",
                "QUARKUS_HTTP_HOST", "127.0.0.1",
                "QUARKUS_HTTP_PORT", String.valueOf(port),
                "QUARKUS_MANAGEMENT_HOST", "127.0.0.1",
                "QUARKUS_MANAGEMENT_PORT", String.valueOf(management)));
        Process process = builder.start();
        started.add(process::destroyForcibly);
        Readiness readiness = new Readiness();
        long begin = System.nanoTime();
        while (!readiness.isReady("http://127.0.0.1:" + management)) {
            if (!process.isAlive() || seconds(begin) > 60) {
                throw new IllegalStateException("email-service does not start:\n" + Files.readString(log));
            }
            Thread.sleep(50);
        }
        return process;
    }

    /** A command to the `up` that runs PostgreSQL. */
    private void caretaker(String... command) throws Exception {
        List<String> line = new ArrayList<>(List.of(ROOT.resolve("caretaker").toString()));
        line.addAll(List.of(command));
        Path log = directory.resolve("commands.log");
        ProcessBuilder builder = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment()
                .putAll(Map.of(
                        "CARETAKER_HOME", directory.resolve("home").toString(),
                        "CARETAKER_BUILD", "never",
                        "JAVA_HOME", System.getProperty("java.home")));
        if (builder.start().waitFor() != 0) {
            throw new IllegalStateException(String.join(" ", command) + " failed:\n" + Files.readString(log));
        }
    }

    private Connection connect() throws Exception {
        Path jar;
        try (Stream<Path> jars = Files.list(ROOT.resolve("email-service/target/quarkus-app/lib/main"))) {
            jar = jars.filter(path -> path.getFileName().toString().startsWith("org.postgresql.postgresql-"))
                    .findFirst()
                    .orElseThrow();
        }
        Driver driver = (Driver) new URLClassLoader(new URL[] {jar.toUri().toURL()})
                .loadClass("org.postgresql.Driver")
                .getDeclaredConstructor()
                .newInstance();
        Matcher url = Pattern.compile("postgresql://([^:]+):([^@]+)@([^?]+).*").matcher(state.databaseUrl());
        if (!url.matches()) {
            throw new IllegalStateException("no user and password in the database's URL");
        }
        Properties login = new Properties();
        login.setProperty("user", url.group(1));
        login.setProperty("password", url.group(2));
        return driver.connect("jdbc:postgresql://" + url.group(3), login);
    }

    private LocalState up() throws Exception {
        Path log = directory.resolve("up.log");
        ProcessBuilder builder = new ProcessBuilder(
                        ROOT.resolve("caretaker").toString(),
                        "up",
                        "--without-services",
                        "--ports-from",
                        String.valueOf(freePort()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().keySet().removeAll(List.of("DATABASE_URL", "SMTP_URL", "RESEND_API_KEY"));
        builder.environment()
                .putAll(Map.of(
                        "CARETAKER_HOME", directory.resolve("home").toString(),
                        "CARETAKER_BUILD", "never",
                        "JAVA_HOME", System.getProperty("java.home")));
        Process up = builder.start();
        started.add(() -> {
            up.destroy();
            up.waitFor(30, TimeUnit.SECONDS);
        });
        Home home = new Home(ROOT, directory.resolve("home"));
        long begin = System.nanoTime();
        while (LocalState.read(home).isEmpty()) {
            if (!up.isAlive() || seconds(begin) > 120) {
                throw new IllegalStateException("PostgreSQL does not start:\n" + Files.readString(log));
            }
            Thread.sleep(200);
        }
        return LocalState.read(home).orElseThrow();
    }

    private void goal(String name, long value, long target, boolean ok) {
        allOk &= ok;
        say("goal %s %d %d %s", name, value, target, ok ? "ok" : "short");
    }

    private static double seconds(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }

    private static boolean isOpen(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() {
        for (int i = 0; i < 100; i++) {
            int port = 20_000 + (int) (Math.random() * 10_000);
            if (!isOpen(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no port is free");
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }

    private void clean() {
        for (int i = started.size() - 1; i >= 0; i--) {
            try {
                started.get(i).close();
            } catch (Exception e) {
                System.err.println("not stopped: " + e.getMessage());
            }
        }
        if (System.getenv("BENCH_KEEP") != null) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            System.err.println("left behind: " + directory + " (" + e.getMessage() + ")");
        }
    }
}
