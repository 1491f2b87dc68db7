import io.pgcaretaker.cli.up.Service;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import smtp.HttpSender;
import smtp.MailSink;
import smtp.OwnSink;
import smtp.Postfix;
import smtp.SmtpSink;
import support.Machine;
import support.Report;
import support.ServiceProcess;
import support.Stack;
import support.Usage;

/**
 * Mail in and mail out, against Debian's Postfix on the same machine in the same run: 2 KB mails, 20 sessions, the same
 * sink, both sync before they accept. Then how soon an idle service sends, what a deep queue costs, and whom a silent server
 * holds up.
 */
public class Email {

    private static final Duration DEADLINE = Duration.ofMinutes(4);
    private static final int SESSIONS = 20;
    private static final int WARM = 15_000;

    private static final int MOST_WARM = 120_000;

    private final boolean quick;
    private final Stack stack;
    private final Report report = new Report();

    Email(boolean quick, Stack stack) {
        this.quick = quick;
        this.stack = stack;
    }

    public static void main(String... arguments) throws Exception {
        new Usage("email", List.of("--quick"), List.of("postfix", "idle", "depth", "stall")).check(arguments);
        List<String> parts = new ArrayList<>(List.of(arguments));
        boolean quick = parts.remove("--quick");
        Email bench = new Email(quick, Stack.start());
        bench.measure(parts);
        bench.report.end();
    }

    private void measure(List<String> only) throws Exception {
        report.say("mails of 2 KB, %d sessions, -Xmx128m, fsync on, %d processors%n", SESSIONS, Runtime.getRuntime().availableProcessors());
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
        try (MailSink sink = Postfix.isThere() ? new SmtpSink(stack.directory()) : new OwnSink();
                ServiceProcess service = service(sink);
                MailSink other = compare ? new SmtpSink(stack.directory()) : null;
                Postfix postfix = compare ? new Postfix(stack.directory(), other.port()) : null) {
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
        report.say("%-28s %12s %12s", "", "accepted/s", "delivered/s");
        print("email-service, POST /emails", ours);
        if (!compare) {
            report.say("not compared: BENCH_ONLY_OURS is set, this is not root, or Postfix, smtp-sink or smtp-source is missing");
            report.say("(apt-get install postfix)%n");
            report.atLeast("email-accepted-times-postfix", Double.NaN, 2.0);
            report.atLeast("email-delivered-times-postfix", Double.NaN, 3.0);
            return;
        }
        print("Postfix " + Postfix.version(), theirs);
        report.atLeast("email-accepted-times-postfix", median(ours, theirs, Rates::accepted), 2.0);
        report.atLeast("email-delivered-times-postfix", median(ours, theirs, Rates::delivered), 3.0);
    }

    private void print(String who, List<Rates> rounds) {
        for (Rates round : rounds) {
            report.say("%-28s %12.0f %12.0f", who, round.accepted(), round.delivered());
        }
    }

    /** Of the rounds' ratios. */
    private static double median(List<Rates> ours, List<Rates> theirs, ToDoubleFunction<Rates> rate) {
        return Report.median(IntStream.range(0, ours.size())
                .mapToDouble(i -> rate.applyAsDouble(ours.get(i)) / rate.applyAsDouble(theirs.get(i)))
                .toArray());
    }

    private Rates ours(ServiceProcess service, MailSink sink, int mails, String name) throws Exception {
        long before = sink.count();
        long begin = System.nanoTime();
        handIn(service, mails, name);
        double accepted = mails / Machine.secondsSince(begin);
        awaitCount(sink, before + mails);
        return new Rates(accepted, mails / Machine.secondsSince(begin));
    }

    private static Rates postfix(Postfix postfix, MailSink sink, int mails) throws Exception {
        long before = sink.count();
        long begin = System.nanoTime();
        postfix.source(SESSIONS, mails);
        double accepted = mails / Machine.secondsSince(begin);
        awaitCount(sink, before + mails);
        return new Rates(accepted, mails / Machine.secondsSince(begin));
    }

    /** As a service that has been up for a while: until its code is compiled, as Postfix's is, and a round is no faster. */
    private void warmUp(ServiceProcess service, MailSink sink) throws Exception {
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
        try (OwnSink sink = new OwnSink();
                ServiceProcess service = service(sink)) {
            ours(service, sink, WARM, "warm");
            double[] millis = new double[mails];
            try (HttpSender http = new HttpSender(service.port(), stack.state().apiKey())) {
                for (int i = 0; i < mails; i++) {
                    String to = "idle" + i + "@x.test";
                    long begin = System.nanoTime();
                    http.post(to);
                    millis[i] = (sink.awaitData(to) - begin) / 1e6;
                    Thread.sleep(20);
                }
            }
            report.say("idle, from the request to DATA: p50 %.1f ms, p99 %.1f ms, longest %.1f ms%n", Report.median(millis), Report.percentile(millis, 99), Report.percentile(millis, 100));
            report.atMost("email-idle-to-data-p99-ms", Report.percentile(millis, 99), 50);
        }
    }

    // ---- a deep queue

    /** In turns, and the median of the turns' ratios: what else the machine does changes from one minute to the next. */
    private void depth() throws Exception {
        double[] ratios = new double[3];
        for (int i = 0; i < ratios.length; i++) {
            double shallow = drain(1_000);
            double deep = drain(1_000_000);
            ratios[i] = deep / shallow;
            report.say("delivered/s while 1,000 wait: %.0f; while 1,000,000 wait: %.0f", shallow, deep);
        }
        report.atLeast("email-deep-queue-ratio", Report.median(ratios), 0.8);
    }

    /** Keeps so many due mails in the queue, and measures what leaves it. */
    private double drain(int waiting) throws Exception {
        try (Connection database = stack.connect(); Statement sql = database.createStatement()) {
            sql.execute("truncate caretaker.email, caretaker.email_attempt cascade");
            long begin = System.nanoTime();
            for (int left = waiting; left > 0; left -= 50_000) {
                addWaiting(sql, Math.min(50_000, left));
            }
            sql.execute("vacuum analyze caretaker.email_due, caretaker.email_recipient, caretaker.email");
            if (Machine.secondsSince(begin) > 10) {
                report.say("(%,d mails made to wait in %.0f s)", waiting, Machine.secondsSince(begin));
            }
            try (MailSink sink = new OwnSink();
                    ServiceProcess service = service(sink)) {
                long added = waiting;
                added = topUp(sql, sink, waiting, added, quick ? 8 : 15);
                long before = sink.count();
                long start = System.nanoTime();
                topUp(sql, sink, waiting, added, quick ? 10 : 30);
                return (sink.count() - before) / Machine.secondsSince(start);
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
        try (OwnSink sink = new OwnSink();
                ServiceProcess service = service(sink)) {
            ours(service, sink, WARM, "warm");
            try (HttpSender http = new HttpSender(service.port(), stack.state().apiKey())) {
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
                report.say("100 mails to a silent server in the queue; the others, to DATA: p50 %.1f ms, p99 %.1f ms, longest %.1f ms%n", Report.median(millis), Report.percentile(millis, 99), Report.percentile(millis, 100));
                report.atMost("email-others-beside-silent-p99-ms", Report.percentile(millis, 99), 1_000);
            }
        }
    }

    // ---- parts

    private void handIn(ServiceProcess service, int mails, String name) throws Exception {
        AtomicInteger next = new AtomicInteger();
        ExecutorService callers = Executors.newFixedThreadPool(SESSIONS);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < SESSIONS; i++) {
                all.add(callers.submit(() -> {
                    try (HttpSender http = new HttpSender(service.port(), stack.state().apiKey())) {
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

    /** With the compiler that a busy service has: see docs/performance.md for the flags of `up`. */
    private ServiceProcess service(MailSink sink) throws Exception {
        List<String> flags = new ArrayList<>(List.of("-XX:+UseSerialGC", "-Xmx128m"));
        String more = System.getenv("BENCH_JVM_FLAGS");
        if (more != null && !more.isBlank()) {
            flags.addAll(List.of(more.split(" ")));
        }
        return new ServiceProcess.Builder(stack, Service.EMAIL)
                .flags(flags)
                .environment(Map.of("SMTP_URL", "smtp://127.0.0.1:" + sink.port() + "?starttls=disabled"))
                .start();
    }
}
