package cleanup;

import io.pgcaretaker.database.DatabaseUrl;
import io.pgcaretaker.schema.Migrate;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import support.ServiceProcess;
import support.Stack;

/** A plan: what somebody waits for, on a table that cannot be counted meanwhile. */
public final class Planning {

    private final HttpClient http = HttpClient.newHttpClient();
    private final Bench bench;

    public Planning(Bench bench) {
        this.bench = bench;
    }

    public void measure() throws Exception {
        Databases databases = bench.databases();
        Stack stack = databases.stack();
        int rows = bench.quick() ? 2_000_000 : 20_000_000;
        databases.execute("postgres", "create database base");
        Migrate.migrate(DatabaseUrl.parse(stack.databaseUrl("base")));
        databases.execute("base", "create table events (id int not null, at timestamptz not null)");
        databases.execute("base", "insert into events select n, now() - (n % 100) * interval '1 day' from generate_series(1, "
                + rows + ") as n");
        databases.execute("base", "alter table events add constraint events_pkey primary key (id)");
        databases.execute("base", "create index events_at on events (at, id)");
        databases.execute("base", "vacuum (analyze) events");
        // Plans only: no run may read the same rows beside them.
        databases.execute("base", "update caretaker.cleanup_switch set stopped = true");
        Path policies = stack.directory().resolve("policies.yaml");
        Files.writeString(policies, """
                policies:
                  - name: old-events
                    table: events
                    age: { column: at, means: event }
                    retention: P10D
                    every: P365D
                    limits: { max-rows: 100000000, max-fraction: 1 }
                """);
        double slowest = 0;
        String last = "";
        try (ServiceProcess service = bench.service().start("base", policies, "0")) {
            for (int i = 0; i < 5; i++) {
                long begin = System.nanoTime();
                HttpResponse<String> answer = http.send(
                        HttpRequest.newBuilder(URI.create(service.url() + "/api/cleanup/policies/old-events/plan"))
                                .header("Authorization", "Bearer " + stack.state().apiKey())
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() != 200) {
                    throw new IllegalStateException("plan answered " + answer.statusCode() + " " + answer.body());
                }
                slowest = Math.max(slowest, (System.nanoTime() - begin) / 1e9);
                last = answer.body();
            }
        }
        bench.report().say("%nplan of %d rows, nine tenths of them expired; the slowest of five took %.2f s%n%s", rows, slowest, last);
        bench.report().atMost("cleanup-plan-seconds", slowest, 5);
        databases.drop("base");
    }
}
