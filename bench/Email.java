import io.pgcaretaker.cli.local.Home;
import io.pgcaretaker.cli.local.LocalState;
import io.pgcaretaker.cli.up.Readiness;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Mail in and mail out, against Debian's Postfix on the same machine in the same run: 2 KB mails, 20 sessions, the same
 * sink, both sync before they accept. Then how soon an idle service sends, what a deep queue costs, and whom a silent server
 * holds up.
 */
public class Email {

    private static final Path ROOT = Path.of(System.getProperty("caretaker.root"));
    private static final Duration DEADLINE = Duration.ofMinutes(4);
    private static final int SESSIONS = 20;
    private static final int WARM = 15_000;

    private static final int MOST_WARM = 120_000;
    private static final String BODY = ("x".repeat(62) + "\\r\\n").repeat(32);

    private final boolean quick;
    private final Path directory;
    private final List<AutoCloseable> started = new ArrayList<>();
    private LocalState state;
    private boolean allOk = true;

    Email(boolean quick) throws IOException {
        this.quick = quick;
        this.directory = Files.createTempDirectory(
                "caretaker-bench", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    }

    public static void main(String... arguments) throws Exception {
        Email bench = new Email(Arrays.asList(arguments).contains("--quick"));
        Runtime.getRuntime().addShutdownHook(new Thread(bench::clean));
        List<String> only = Arrays.stream(arguments).filter(a -> !a.startsWith("--")).toList();
        bench.measure(only);
        System.exit(bench.allOk ? 0 : 1);
    }

    private void measure(List<String> only) throws Exception {
        state = up();
        say("mails of 2 KB, %d sessions, -Xmx128m, fsync on, %d processors%n", SESSIONS, Runtime.getRuntime().availableProcessors());
        if (only.isEmpty() || only.contains("postfix")) {
            throughput();
        }
        if (only.isEmpty() || only.contains("idle")) {
            idle();
        }
        if (only.isEmpty() || only.contains("depth")) {
            depth();
        }
        if (only.isEmpty() || only.contains("stall")) {
            stall();
        }
    }

    // ---- against Postfix

    /** Mails a second. */
    record Rates(double accepted, double delivered) {}

    /** In turns, so that both have the same machine: what else it does changes from one minute to the next. */
    private void throughput() throws Exception {
        int mails = quick ? 8_000 : 20_000;
        boolean compare = System.getenv("BENCH_ONLY_OURS") == null && Postfix.isThere();
        List<Rates> ours = new ArrayList<>();
        List<Rates> theirs = new ArrayList<>();
        try (MailSink sink = Postfix.isThere() ? new SmtpSink(directory) : new JavaSink();
                Running service = service(sink.port(), Map.of());
                MailSink other = compare ? new SmtpSink(directory) : null;
                Postfix postfix = compare ? new Postfix(directory, other.port()) : null) {
            warmUp(service, sink);
            if (compare) {
                postfix(postfix, other, 1_000);
            }
            for (int i = 0; i < 5; i++) {
                ours.add(ours(service, sink, mails, "mail" + i + "-"));
                if (compare) {
                    theirs.add(postfix(postfix, other, mails / 2));
                }
            }
        }
        say("%-28s %12s %12s", "", "accepted/s", "delivered/s");
        print("email-service, POST /emails", ours);
        if (!compare) {
            say("Postfix, smtp-sink or smtp-source is not installed, or this is not root: not compared");
            say("(apt-get install postfix; a sink of our own took the place of smtp-sink)%n");
            return;
        }
        print("Postfix " + Postfix.version(), theirs);
        goal("email-accepted-times-postfix", median(ours, theirs, Rates::accepted), 2.0, true);
        goal("email-delivered-times-postfix", median(ours, theirs, Rates::delivered), 3.0, true);
    }

    private static void print(String who, List<Rates> rounds) {
        for (Rates round : rounds) {
            say("%-28s %12.0f %12.0f", who, round.accepted(), round.delivered());
        }
    }

    /** Of the rounds' ratios. */
    private static double median(List<Rates> ours, List<Rates> theirs, ToDoubleFunction<Rates> rate) {
        double[] ratios = IntStream.range(0, ours.size())
                .mapToDouble(i -> rate.applyAsDouble(ours.get(i)) / rate.applyAsDouble(theirs.get(i)))
                .sorted()
                .toArray();
        return ratios[ratios.length / 2];
    }

    private Rates ours(Running service, MailSink sink, int mails, String name) throws Exception {
        long before = sink.count();
        long begin = System.nanoTime();
        handIn(service, mails, name);
        double accepted = mails / seconds(begin);
        awaitCount(sink, before + mails);
        return new Rates(accepted, mails / seconds(begin));
    }

    private static Rates postfix(Postfix postfix, MailSink sink, int mails) throws Exception {
        long before = sink.count();
        long begin = System.nanoTime();
        postfix.source(mails);
        double accepted = mails / seconds(begin);
        awaitCount(sink, before + mails);
        return new Rates(accepted, mails / seconds(begin));
    }

    /** As a service that has been up for a while: until its code is compiled, as Postfix's is, and a round is no faster. */
    private void warmUp(Running service, MailSink sink) throws Exception {
        double best = 0;
        double before = 0;
        for (int warm = 0; warm < MOST_WARM && (before == 0 || best > before * 1.03); warm += WARM) {
            before = best;
            best = Math.max(best, ours(service, sink, WARM, "warm" + warm + "-").delivered());
        }
    }

    private static void awaitCount(MailSink sink, long count) throws Exception {
        long until = System.nanoTime() + DEADLINE.toNanos();
        while (sink.count() < count) {
            if (System.nanoTime() > until) {
                throw new IllegalStateException("only " + sink.count() + " of " + count + " mails came");
            }
            Thread.sleep(2);
        }
    }

    // ---- idle

    private void idle() throws Exception {
        int mails = quick ? 200 : 1_000;
        try (JavaSink sink = new JavaSink();
                Running service = service(sink.port(), Map.of())) {
            ours(service, sink, WARM, "warm");
            double[] millis = new double[mails];
            try (Http http = new Http(service.port(), state.apiKey())) {
                for (int i = 0; i < mails; i++) {
                    String to = "idle" + i + "@x.test";
                    long begin = System.nanoTime();
                    http.post(to);
                    millis[i] = (sink.awaitData(to) - begin) / 1e6;
                    Thread.sleep(20);
                }
            }
            Arrays.sort(millis);
            say("idle, from the request to DATA: p50 %.1f ms, p99 %.1f ms, longest %.1f ms%n", millis[mails / 2], millis[mails * 99 / 100], millis[mails - 1]);
            goal("email-idle-to-data-p99-ms", millis[mails * 99 / 100], 50, false);
        }
    }

    // ---- a deep queue

    private void depth() throws Exception {
        double shallow = drain(1_000);
        double deep = drain(1_000_000);
        say("delivered/s while 1,000 wait: %.0f; while 1,000,000 wait: %.0f%n", shallow, deep);
        goal("email-deep-queue-ratio", deep / shallow, 0.8, true);
    }

    /** Keeps so many due mails in the queue, and measures what leaves it. */
    private double drain(int waiting) throws Exception {
        try (Connection database = connect(); Statement sql = database.createStatement()) {
            sql.execute("truncate caretaker.email, caretaker.email_attempt cascade");
            long begin = System.nanoTime();
            for (int left = waiting; left > 0; left -= 50_000) {
                addWaiting(sql, Math.min(50_000, left));
            }
            sql.execute("vacuum analyze caretaker.email_due, caretaker.email_recipient, caretaker.email");
            say("(%,d mails made to wait in %.0f s)", waiting, seconds(begin));
            try (MailSink sink = new JavaSink();
                    Running service = service(sink.port(), Map.of())) {
                long added = waiting;
                added = topUp(sql, sink, waiting, added, quick ? 8 : 15);
                long before = sink.count();
                long start = System.nanoTime();
                topUp(sql, sink, waiting, added, quick ? 10 : 30);
                return (sink.count() - before) / seconds(start);
            } finally {
                sql.execute("truncate caretaker.email, caretaker.email_attempt cascade");
            }
        }
    }

    private static long topUp(Statement sql, MailSink sink, int waiting, long added, int seconds) throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        long now = added;
        while (System.nanoTime() < until) {
            if (now - sink.count() < waiting - 250) {
                addWaiting(sql, 500);
                now += 500;
            } else {
                Thread.sleep(5);
            }
        }
        return now;
    }

    private static void addWaiting(Statement sql, int mails) throws Exception {
        sql.execute("""
                with made as (
                  insert into caretaker.email (
                    id, caller, kind, from_address, to_addresses, subject, plain, expires_at)
                  select gen_random_uuid(), 'bench', 'plain', 'a@acme.test', array['deep@x.test'], 'deep',
                    repeat('x', 200), now() + interval '1 day'
                  from generate_series(1, %d)
                  returning id
                ), recipients as (
                  insert into caretaker.email_recipient (email_id, position, field, address, message_id, state)
                  select id, 0, 'to', 'deep@x.test', '<' || id || '@acme.test>', 'queued'
                  from made
                  returning id, email_id
                )
                insert into caretaker.email_due (recipient_id, email_id, due_at)
                select id, email_id, clock_timestamp()
                from recipients
                """.formatted(mails));
    }

    // ---- a silent server

    private void stall() throws Exception {
        int mails = quick ? 300 : 1_000;
        try (JavaSink sink = new JavaSink();
                Running service = service(sink.port(), Map.of())) {
            ours(service, sink, WARM, "warm");
            try (Http http = new Http(service.port(), state.apiKey())) {
                for (int i = 0; i < 100; i++) {
                    http.post("silent" + i + "@silent.test");
                }
                double[] millis = new double[mails];
                for (int i = 0; i < mails; i++) {
                    String to = "others" + i + "@x.test";
                    long begin = System.nanoTime();
                    http.post(to);
                    millis[i] = (sink.awaitData(to) - begin) / 1e6;
                    Thread.sleep(10);
                }
                Arrays.sort(millis);
                say("100 mails to a silent server in the queue; the others, to DATA: p50 %.1f ms, p99 %.1f ms, longest %.1f ms%n", millis[mails / 2], millis[mails * 99 / 100], millis[mails - 1]);
                goal("email-others-beside-silent-p99-ms", millis[mails * 99 / 100], 1_000, false);
            }
        }
    }

    // ---- parts

    private void handIn(Running service, int mails, String name) throws Exception {
        AtomicInteger next = new AtomicInteger();
        ExecutorService callers = Executors.newFixedThreadPool(SESSIONS);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < SESSIONS; i++) {
                all.add(callers.submit(() -> {
                    try (Http http = new Http(service.port(), state.apiKey())) {
                        for (int mail = next.getAndIncrement(); mail < mails; mail = next.getAndIncrement()) {
                            http.post(name + mail + "@x.test");
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            callers.shutdownNow();
        }
    }

    /** One keep-alive connection, as lean as smtp-source's. */
    private static final class Http implements AutoCloseable {
        private final Socket socket;
        private final InputStream in;
        private final String head;

        Http(int port, String key) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream(), 4096);
            head = "POST /emails HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer "
                    + key + "\r\nContent-Length: ";
        }

        void post(String to) throws IOException {
            String body = "{\"from\":\"Acme <a@acme.test>\",\"to\":\"" + to + "\",\"subject\":\"bench\",\"text\":\"" + BODY
                    + "\"}";
            socket.getOutputStream().write((head + body.length() + "\r\n\r\n" + body).getBytes(StandardCharsets.ISO_8859_1));
            String status = line();
            int length = 0;
            for (String header = line(); !header.isEmpty(); header = line()) {
                if (header.regionMatches(true, 0, "content-length:", 0, 15)) {
                    length = Integer.parseInt(header.substring(15).strip());
                }
            }
            byte[] answer = in.readNBytes(length);
            if (!status.contains(" 200 ")) {
                throw new IOException(status + " " + new String(answer, StandardCharsets.UTF_8));
            }
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder(64);
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0) {
                    throw new IOException("the service closed the connection");
                }
                if (c != '\r') {
                    line.append((char) c);
                }
            }
            return line.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** Takes mails and counts them. */
    interface MailSink extends AutoCloseable {
        int port();

        long count();
    }

    /** Postfix's own sink. */
    private static final class SmtpSink implements MailSink {
        private static final Pattern COUNT = Pattern.compile("mesg=([0-9]+)");
        private final int port = freePort();
        private final Process process;
        private final AtomicLong count = new AtomicLong();

        SmtpSink(Path directory) throws Exception {
            process = new ProcessBuilder("smtp-sink", "-u", "postfix", "-c", "127.0.0.1:" + port, "1000")
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .start();
            Thread reader = new Thread(this::read);
            reader.setDaemon(true);
            reader.start();
            for (int i = 0; i < 100 && !isOpen(port); i++) {
                Thread.sleep(50);
            }
        }

        private void read() {
            StringBuilder line = new StringBuilder();
            try (InputStream in = new BufferedInputStream(process.getInputStream())) {
                for (int c = in.read(); c >= 0; c = in.read()) {
                    if (c == '\r' || c == '\n') {
                        Matcher matcher = COUNT.matcher(line);
                        if (matcher.find()) {
                            count.set(Long.parseLong(matcher.group(1)));
                        }
                        line.setLength(0);
                    } else {
                        line.append((char) c);
                    }
                }
            } catch (IOException e) {
                count.addAndGet(0);
            }
        }

        @Override
        public int port() {
            return port;
        }

        @Override
        public long count() {
            return count.get();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    /** A sink of our own: it knows when DATA came for whom, and is silent about silent.test. */
    private static final class JavaSink implements MailSink {
        private final ServerSocket server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        private final AtomicLong count = new AtomicLong();
        private final ConcurrentMap<String, Long> data = new ConcurrentHashMap<>();
        private final ExecutorService sessions = Executors.newCachedThreadPool(work -> {
            Thread thread = new Thread(work);
            thread.setDaemon(true);
            return thread;
        });

        JavaSink() throws IOException {
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

        private void converse(Socket socket) {
            try (socket) {
                socket.setTcpNoDelay(true);
                BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
                OutputStream out = socket.getOutputStream();
                StringBuilder answers = new StringBuilder("220 sink ESMTP\r\n");
                String recipient = "";
                while (true) {
                    if (!in.ready()) {
                        out.write(answers.toString().getBytes(StandardCharsets.ISO_8859_1));
                        answers.setLength(0);
                    }
                    String line = in.readLine();
                    if (line == null || line.startsWith("QUIT")) {
                        return;
                    }
                    if (line.startsWith("EHLO")) {
                        answers.append("250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n");
                    } else if (line.startsWith("RCPT")) {
                        recipient = line.substring(line.indexOf('<') + 1, line.indexOf('>'));
                        if (recipient.endsWith("@silent.test")) {
                            in.lines().forEach(more -> {});
                            return;
                        }
                        answers.append("250 Ok\r\n");
                    } else if (line.startsWith("DATA")) {
                        if (!recipient.startsWith("deep")) {
                            data.put(recipient, System.nanoTime());
                        }
                        out.write((answers + "354 go on\r\n").getBytes(StandardCharsets.ISO_8859_1));
                        answers.setLength(0);
                        for (String text = in.readLine(); text != null && !text.equals("."); text = in.readLine()) {}
                        count.incrementAndGet();
                        answers.append("250 Ok\r\n");
                    } else {
                        answers.append("250 Ok\r\n");
                    }
                }
            } catch (IOException e) {
                data.remove("");
            }
        }

        long awaitData(String recipient) throws InterruptedException {
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
            while (System.nanoTime() < until) {
                Long at = data.remove(recipient);
                if (at != null) {
                    return at;
                }
                TimeUnit.MICROSECONDS.sleep(200);
            }
            return System.nanoTime();
        }

        @Override
        public int port() {
            return server.getLocalPort();
        }

        @Override
        public long count() {
            return count.get();
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    /** Debian's Postfix with its own settings, in a directory of ours, sending everything to the sink. */
    private static final class Postfix implements AutoCloseable {
        private final Path home;
        private final int port = freePort();

        static boolean isThere() {
            return "root".equals(System.getProperty("user.name"))
                    && Stream.of("/usr/sbin/postfix", "/usr/sbin/smtp-sink", "/usr/sbin/smtp-source")
                            .allMatch(program -> Files.isExecutable(Path.of(program)));
        }

        static String version() throws Exception {
            return output("postconf", "-d", "-h", "mail_version").strip();
        }

        Postfix(Path directory, int sink) throws Exception {
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
            for (int i = 0; i < 200 && !isOpen(port); i++) {
                Thread.sleep(50);
            }
        }

        void source(int mails) throws Exception {
            run("smtp-source", "-d", "-s", String.valueOf(SESSIONS), "-l", "2048", "-m", String.valueOf(mails), "-f",
                    "a@acme.test", "-t", "b@x.test", "127.0.0.1:" + port);
        }

        @Override
        public void close() throws Exception {
            run("postfix", "-c", home.resolve("conf").toString(), "stop");
        }
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

    /** The packaged service. */
    record Running(Process process, int port) implements AutoCloseable {
        @Override
        public void close() throws InterruptedException {
            process.destroy();
            if (!process.waitFor(40, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    private Running service(int smtpPort, Map<String, String> more) throws Exception {
        int port = freePort();
        int management = freePort();
        Path log = directory.resolve("email-service.log");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", "-Xmx128m"));
        String extra = System.getenv("BENCH_JVM_FLAGS");
        if (extra != null && !extra.isBlank()) {
            command.addAll(List.of(extra.split(" ")));
        }
        command.addAll(List.of("-jar", ROOT.resolve("email-service/target/quarkus-app/quarkus-run.jar").toString()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(Map.of(
                "DATABASE_URL", state.databaseUrl(),
                "CARETAKER_API_KEYS", "bench:operator+sender:" + state.apiKey(),
                "SMTP_URL", "smtp://127.0.0.1:" + smtpPort + "?starttls=disabled",
                "FROM_EMAIL", "Caretaker <caretaker@example.com>",
                "QUARKUS_HTTP_HOST", "127.0.0.1",
                "QUARKUS_HTTP_PORT", String.valueOf(port),
                "QUARKUS_MANAGEMENT_HOST", "127.0.0.1",
                "QUARKUS_MANAGEMENT_PORT", String.valueOf(management)));
        builder.environment().putAll(more);
        Process process = builder.start();
        Running running = new Running(process, port);
        started.add(running);
        Readiness readiness = new Readiness();
        long begin = System.nanoTime();
        while (!readiness.isReady("http://127.0.0.1:" + management)) {
            if (!process.isAlive() || seconds(begin) > 60) {
                throw new IllegalStateException("email-service does not start:\n" + Files.readString(log));
            }
            Thread.sleep(50);
        }
        return running;
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

    private void goal(String name, double value, double target, boolean atLeast) {
        boolean ok = atLeast ? value >= target : value <= target;
        allOk &= ok;
        say("goal %s %.2f %.2f %s", name, value, target, ok ? "ok" : "short");
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
