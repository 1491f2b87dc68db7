package cleanup;

import io.pgcaretaker.cli.up.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import support.ServiceProcess;
import support.Stack;

/** Our service, on one database, one run. */
public final class MeasuredService {

    /**
     * Small runs of other tables that a service carries before the one that is measured: it is there for months, and the shipped
     * policies are 33 runs a day. What its very first run takes is a line of its own.
     */
    static final int WARM_UPS = 100;

    private static final Duration DEADLINE = Duration.ofMinutes(10);

    private final Databases databases;
    private final Stack stack;

    public MeasuredService(Databases databases) {
        this.databases = databases;
        this.stack = databases.stack();
    }

    Result run(String database, int warmUps, String action) throws Exception {
        try (ServiceProcess service = ready(database, warmUps, "PT0.1S", action, "0")) {
            databases.settle();
            return released(database, service);
        } finally {
            Stack.delete(archive());
        }
    }

    /** A service that has carried its small runs, and opens the one that is measured when it is released. */
    ServiceProcess ready(String database, int warmUps, String target, String action, String nice) throws Exception {
        databases.execute(database, """
                create function caretaker.bench_wait() returns trigger language plpgsql as $$
                begin
                  return null;
                end $$;
                create trigger bench_wait before insert on caretaker.cleanup_run
                  for each row when (new.policy = 'old-events') execute function caretaker.bench_wait()
                """);
        ServiceProcess service = start(database, policies(warmUps, target, action), nice);
        try {
            await(database, service, "select count(*) from caretaker.cleanup_run where finished_at is not null", warmUps);
            return service;
        } catch (Exception | Error e) {
            service.close();
            throw e;
        }
    }

    Result released(String database, ServiceProcess service) throws Exception {
        databases.execute(database, "drop trigger bench_wait on caretaker.cleanup_run");
        await(
                database,
                service,
                "select count(*) from caretaker.cleanup_run where policy = 'old-events' and finished_at is not null",
                1);
        return result(database);
    }

    private Path policies(int warmUps, String target, String action) throws IOException {
        Path policies = stack.directory().resolve("policies.yaml");
        StringBuilder text = new StringBuilder("policies:\n");
        for (int i = 1; i <= warmUps; i++) {
            text.append("""
                      - name: warm-up-%d
                        table: warm_up_%d
                        age: { column: at, means: event }
                        retention: P30D
                        every: P365D
                        mode: enforce
                        limits: { max-rows: 100000000, max-fraction: 1 }
                        action: %s
                    """.formatted(i, i, action));
        }
        Files.writeString(policies, text + """
                  - name: old-events
                    table: events
                    age: { column: at, means: event }
                    retention: P30D
                    every: P365D
                    mode: enforce
                    limits: { max-rows: 100000000, max-fraction: 1 }
                    batch-target: %s
                    action: %s
                """.formatted(target, action));
        return policies;
    }

    /** In one session: a new one for each look would take a processor from what is measured. */
    private void await(String database, ServiceProcess service, String count, long wanted) throws Exception {
        try (Connection connection = stack.connectTo(database);
                PreparedStatement statement = connection.prepareStatement(count)) {
            service.await(DEADLINE, Duration.ofMillis(100), () -> {
                try (ResultSet row = statement.executeQuery()) {
                    return row.next() && row.getLong(1) >= wanted;
                }
            });
        }
    }

    private Result result(String database) throws SQLException {
        try (Connection connection = stack.connectTo(database);
                Statement statement = connection.createStatement();
                ResultSet run = statement.executeQuery("select state, strategy, rows_deleted, longest_batch_ms,"
                        + " extract(epoch from finished_at - started_at)::float8 as seconds, stop_detail,"
                        + " (extract(epoch from started_at) * 1000)::bigint as begin, (extract(epoch from finished_at) * 1000)::bigint as end"
                        + " from caretaker.cleanup_run where policy = 'old-events'")) {
            run.next();
            if (!run.getString("state").equals("completed")) {
                throw new IllegalStateException("the run ended as " + run.getString("state") + ": " + run.getString("stop_detail"));
            }
            return new Result(
                    run.getLong("rows_deleted"),
                    run.getDouble("seconds"),
                    run.getDouble("longest_batch_ms"),
                    run.getLong("begin"),
                    run.getLong("end"));
        }
    }

    private Path archive() {
        return stack.directory().resolve("archive");
    }

    ServiceProcess start(String database, Path policies, String nice) throws Exception {
        return new ServiceProcess.Builder(stack, Service.CLEANUP)
                .flags(List.of(
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dcaretaker.cleanup.nice=" + nice,
                        "-Dcaretaker.cleanup.poll-interval=1s",
                        "-Dcaretaker.cleanup.lag-interval=1h"))
                .environment(Map.of(
                        "DATABASE_URL", stack.databaseUrl(database),
                        "CLEANUP_MODE", "enforce",
                        "CLEANUP_POLICIES_FILE", policies.toString(),
                        "CLEANUP_ARCHIVE_DIRECTORY", archive().toString()))
                .start();
    }
}
