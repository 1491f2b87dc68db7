package io.pgcaretaker.monitoring.latency;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.monitoring.TickingClock;
import io.pgcaretaker.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class LatencyDbTest {

    private static final Duration WINDOW = Duration.ofSeconds(15);

    private final TestDatabase database = TestDatabase.createMigrated();
    private final TickingClock clock = new TickingClock(Instant.parse("2026-03-01T12:00:00Z"));
    private final LatencyMeter meter = new LatencyMeter(database.source(), WINDOW, clock);

    private void install() {
        database.execute("create extension pg_stat_statements");
        database.execute("create table shop (id int primary key)");
    }

    private Latency window(LatencyMeter of) {
        clock.tick(WINDOW);
        of.look();
        return of.latency();
    }

    private void ask(String sql, int times) {
        for (int i = 0; i < times; i++) {
            database.queryLong(sql);
        }
    }

    @Test
    void onlyTheApplicationsStatementsOfTheWindowCount() {
        install();
        ask("select count(*) from shop", 5);
        assertThat(window(meter).available()).as("a window has a beginning").isFalse();

        ask("select count(*) from shop", 30);
        // Behind the first word, as cleanup-service writes it; a tag before it is not kept by PostgreSQL 18.
        ask("select /* caretaker.cleanup.sweep */ count(*) from shop, generate_series(1, 100000)", 2);
        ask("select count(*) from caretaker.cleanup_run", 3);
        ask("select count(*) from pg_class", 3);
        database.execute("begin; set local lock_timeout = 1; commit");
        database.execute("select set_config('lock_timeout', '1', false)");
        Latency latency = window(meter);

        assertThat(latency.reason()).isNull();
        assertThat(latency.calls()).isEqualTo(30);
        assertThat(latency.callsPerSecond()).isEqualTo(2.0);
        assertThat(latency.meanMs()).isPositive();
        assertThat(latency.compared()).as("nobody knows what is usual").isNull();
        assertThat(latency.since()).isEqualTo(clock.instant().minus(WINDOW));

        assertThat(window(meter).calls()).as("nothing was asked").isZero();
        database.execute("select pg_stat_statements_reset()");
        ask("select count(*) from shop", 3);
        assertThat(window(meter).calls()).as("counted from zero").isEqualTo(3);
    }

    @Test
    void eachStatementIsComparedWithItself() {
        install();
        ask("select count(*) from shop", 1);
        // Seen in three windows: usually 2 ms, once 9. Another one that is slow, and is not called now.
        database.execute("""
                insert into caretaker.statement_sample (taken_at, query_id, user_name, seconds, calls, total_ms, rows,
                  blocks_hit, blocks_read, temp_blocks)
                select timestamptz '2026-03-01 11:00Z' + n * interval '5 minutes', id, 'x', 300, 10,
                  10 * case when id = 1 then 700 when n = 2 then 9 else 2 end, 0, 0, 0, 0
                from generate_series(1, 3) as n,
                  (select queryid from pg_stat_statements where query like 'select count(*) from shop%'
                     and dbid = (select oid from pg_database where datname = current_database())
                   union all select 1) as known (id)
                """);
        window(meter);

        ask("select count(*) from shop", 4);
        ask("select count(*) + 1 from shop where id > 0", 3);
        Latency latency = window(meter);

        assertThat(latency.reason()).isNull();
        assertThat(latency.calls()).isEqualTo(7);
        assertThat(latency.compared()).isNotNull().satisfies(compared -> {
            assertThat(compared.calls()).as("of the one that is known").isEqualTo(4);
            assertThat(compared.usualMs()).isEqualTo(2.0);
            assertThat(compared.meanMs()).isPositive();
        });
    }

    @Test
    void whatCannotBeToldIsSaid() {
        meter.look();
        assertThat(meter.latency().available()).isFalse();
        assertThat(meter.latency().needs()).contains("create extension pg_stat_statements");

        install();
        window(meter);
        assertThat(window(meter).reason()).isNull();
        clock.tick(WINDOW.multipliedBy(4));
        assertThat(meter.latency().reason()).as("too old").startsWith("the last window ended at");
    }

    @Test
    void whoMayNotSeeOthersStatementsSaysSo() {
        install();
        String role = "latency_" + database.queryLong("select oid from pg_database where datname = current_database()");
        database.execute("create role " + role + " login");
        LatencyMeter blind = new LatencyMeter(as(role), WINDOW, clock);
        window(blind);

        ask("select count(*) from shop", 1);

        assertThat(window(blind).needs()).startsWith("pg_read_all_stats");
    }

    private DataSource as(String role) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl("jdbc:" + database.url().replaceFirst("//[^@]*@", "//"));
        source.setUser(role);
        return source;
    }
}
