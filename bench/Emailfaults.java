import io.pgcaretaker.cli.up.Service;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import smtp.OwnSink;
import support.Machine;
import support.Report;
import support.ServiceProcess;
import support.Stack;
import support.Usage;

/**
 * email-service killed with SIGKILL again and again, at any moment, and PostgreSQL stopped and started under it, while mail
 * comes in and goes out and a sink counts: whatever was accepted ends, and whatever came twice was reported unknown.
 */
public class Emailfaults {

    private static final int CALLERS = 6;

    private final int kills;
    private final int restarts;
    private final Stack stack = Stack.start();
    private final int port = Machine.freePort();
    private final Report report = new Report();

    Emailfaults(boolean quick) throws Exception {
        this.kills = quick ? 12 : 100;
        this.restarts = quick ? 2 : 5;
    }

    public static void main(String... arguments) throws Exception {
        new Usage("emailfaults", List.of("--quick"), List.of()).check(arguments);
        Emailfaults faults = new Emailfaults(List.of(arguments).contains("--quick"));
        faults.run();
        faults.report.end();
    }

    private void run() throws Exception {
        Random random = new Random(20_26);
        Set<String> accepted = ConcurrentHashMap.newKeySet();
        AtomicBoolean enough = new AtomicBoolean();
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        try (OwnSink sink = new OwnSink()) {
            ServiceProcess service = service(sink);
            for (int i = 0; i < CALLERS; i++) {
                int caller = i;
                callers.execute(() -> handIn("c" + caller, accepted, enough));
            }
            for (int kill = 0; kill < kills; kill++) {
                Thread.sleep(300 + random.nextInt(1_500));
                service.kill();
                service = service(sink);
            }
            for (int restart = 0; restart < restarts; restart++) {
                Thread.sleep(500 + random.nextInt(1_500));
                stack.caretaker("stop", "postgres");
                Thread.sleep(random.nextInt(3_000));
                stack.caretaker("start", "postgres");
            }
            int before = accepted.size();
            long patience = System.nanoTime();
            while (accepted.size() < before + 100 && Machine.secondsSince(patience) < 60) {
                Thread.sleep(50);
            }
            report.atLeast("emailfaults-taken-after-restarts", accepted.size() - before, 100);
            enough.set(true);
            callers.shutdown();
            callers.awaitTermination(60, TimeUnit.SECONDS);
            verify(sink, accepted);
            service.close();
        }
    }

    private void verify(OwnSink sink, Set<String> accepted) throws Exception {
        try (Connection database = stack.connect(); Statement sql = database.createStatement()) {
            long until = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
            while (Stack.number(sql, "select count(*) from caretaker.email_due") > 0 && System.nanoTime() < until) {
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
            long notEnded = Stack.number(sql, "select count(*) from caretaker.email_recipient where state not in ('sent', 'failed', 'expired', 'canceled', 'suppressed')");
            long duplicates = delivered.values().stream().mapToInt(times -> times - 1).sum();
            long unreported = delivered.entrySet().stream()
                    .filter(mail -> mail.getValue() - 1 > unknown.getOrDefault(mail.getKey(), 0))
                    .count();
            long keysTwice = Stack.number(sql, "select count(*) - count(distinct address) from caretaker.email_recipient");
            report.say("%d kills, %d restarts of PostgreSQL, %d mails accepted, %d delivered, %d came twice, %d attempts reported unknown%n", kills, restarts, accepted.size(), delivered.size(), duplicates, unknown.values().stream().mapToInt(i -> i).sum());
            report.atLeast("emailfaults-kills", kills, Math.min(kills, 100));
            report.atMost("emailfaults-lost", lost, 0);
            report.atMost("emailfaults-not-ended", notEnded, 0);
            report.atMost("emailfaults-accepted-twice", keysTwice, 0);
            report.atMost("emailfaults-duplicates-not-reported", unreported, 0);
        }
    }

    /** One mail after the other, each repeated with its key until it is answered, as an application would. */
    private void handIn(String caller, Set<String> accepted, AtomicBoolean enough) {
        HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
        for (int i = 0; !enough.get(); i++) {
            String to = caller + "-" + i + "@x.test";
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/emails"))
                    .timeout(Duration.ofSeconds(5))
                    .header("Authorization", "Bearer " + stack.state().apiKey())
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

    private ServiceProcess service(OwnSink sink) throws Exception {
        return new ServiceProcess.Builder(stack, Service.EMAIL)
                .flags(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx128m"))
                .port(port)
                .environment(Map.of(
                        "SMTP_URL", "smtp://127.0.0.1:" + sink.port() + "?starttls=disabled",
                        "CARETAKER_EMAIL_DELIVERY_LEASE", "5s",
                        "CARETAKER_EMAIL_DELIVERY_SEND_DEADLINE", "2s"))
                .start();
    }
}
