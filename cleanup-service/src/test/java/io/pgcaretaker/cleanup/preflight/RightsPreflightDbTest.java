package io.pgcaretaker.cleanup.preflight;

import static io.pgcaretaker.cleanup.preflight.PreflightDbTest.INDEX;
import static io.pgcaretaker.cleanup.preflight.PreflightDbTest.USERS;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.TestSettings;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.plan.Census;
import io.pgcaretaker.cleanup.plan.PartitionCensus;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.database.DatabaseUrl;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** What the role that clean-up has may do, in the table and in its partitions. */
class RightsPreflightDbTest extends CleanupDbTest {

    private Readiness check() {
        return new TestWorker(database, Map.of()).check(Policies.USERS);
    }

    @Test
    void aRoleThatMayNotOrThatSeesOnlyAPartIsRefused() {
        database.execute(USERS + INDEX);
        String role = "limited_" + database.queryLong("select oid from pg_database where datname = current_database()");
        database.execute("create role " + role + " login; grant usage on schema caretaker to " + role
                + "; grant select on all tables in schema caretaker to " + role + "; grant select on users to " + role);
        assertThat(checkAs(role).reasons().toString()).contains("grant delete, update on \"public\".\"users\"");

        database.execute("grant update, delete on users to " + role);
        assertThat(checkAs(role)).isInstanceOf(Readiness.Armed.class);

        database.execute("revoke usage on schema public from public");
        assertThat(checkAs(role).reasons().toString()).contains("grant usage on schema \"public\"");
        database.execute("grant usage on schema public to " + role);
        assertThat(checkAs(role)).isInstanceOf(Readiness.Armed.class);

        database.execute("alter table users enable row level security");
        assertThat(checkAs(role).reasons().toString()).contains("row-level security hides rows", "bypassrls");

        database.execute("alter table users owner to " + role);
        assertThat(checkAs(role)).as("its owner sees all of it").isInstanceOf(Readiness.Armed.class);
        database.execute("alter table users force row level security");
        assertThat(checkAs(role).reasons().toString()).contains("row-level security hides rows", "bypassrls");
    }

    /** PostgreSQL sets their keys to null as their owner; how many there are is read by this role. */
    @Test
    void aTableThatLosesItsReferenceAndCannotBeReadIsNamed() {
        database.execute(
                USERS + INDEX + "create schema shop; create table shop.orders (user_id bigint references users on"
                        + " delete set null); create index on shop.orders (user_id)");
        String role = "unset_" + database.queryLong("select oid from pg_database where datname = current_database()");
        database.execute("create role " + role + " login; grant usage on schema caretaker to " + role
                + "; grant select on all tables in schema caretaker to " + role
                + "; grant select, update, delete on users to " + role);
        assertThat(checkAs(role).reasons().toString())
                .contains("grant usage on schema \"shop\"", "grant select on \"shop\".\"orders\" to \"" + role + "\"");

        database.execute("grant usage on schema shop to " + role + "; grant select on shop.orders to " + role);

        assertThat(checkAs(role)).isInstanceOf(Readiness.Armed.class);

        database.execute("alter table shop.orders enable row level security");

        assertThat(checkAs(role).reasons())
                .as("which of them are held cannot be seen")
                .containsExactly("row-level security hides rows of shop.orders from the role " + role
                        + "; run: alter role \"" + role + "\" bypassrls");
    }

    /** They keep rows of other tables, where this role has nothing to do. */
    @Test
    void holdsInSchemasThatAreShutAreInNobodysWay() {
        database.execute(USERS + INDEX);
        String role =
                "elsewhere_" + database.queryLong("select oid from pg_database where datname = current_database()");
        database.execute("create role " + role + " login; grant usage on schema caretaker to " + role
                + "; grant select on all tables in schema caretaker to " + role
                + "; grant select, update, delete on users to " + role + "; create schema shut;"
                + " create table shut.notes (id bigint primary key); insert into caretaker.legal_hold"
                + " (case_id, policy, subject_table, subject_oid, subject_key, reason, placed_by) values ('C-1', 'notes',"
                + " '\"shut\".\"notes\"', 'shut.notes'::regclass, '[\"1\"]', 'court', 'test')");

        assertThat(checkAs(role)).isInstanceOf(Readiness.Armed.class);
    }

    @Test
    void aPartitionedTableIsLookedAtPartitionByPartition() {
        database.execute("create table users (id bigint, is_deleted boolean, deleted_at timestamp, primary key (id))"
                + " partition by hash (id); create table users_0 partition of users for values with (modulus 2, remainder 0);"
                + " create table users_1 partition of users for values with (modulus 2, remainder 1)");
        assertThat(check().reasons().toString()).contains("no index serves", "create index on \"public\".\"users\"");

        database.execute("create index on users_0 (deleted_at, id)");
        assertThat(check()).isInstanceOf(Readiness.Blocked.class);
        database.execute("create index on users_1 (deleted_at, id)");
        assertThat(check()).isInstanceOf(Readiness.Armed.class);
        assertThat(((Readiness.Armed) check()).policy().byBlocks()).isTrue();
        String role =
                "parent_only_" + database.queryLong("select oid from pg_database where datname = current_database()");
        database.execute("create role " + role + " login; grant usage on schema caretaker to " + role
                + "; grant select on all tables in schema caretaker to " + role
                + "; grant select, update, delete on users to " + role);
        assertThat(((Readiness.Armed) checkAs(role)).policy().byBlocks())
                .as("it may, but not by the partitions' own names")
                .isFalse();

        database.execute("create function f() returns trigger language plpgsql as 'begin return null; end';"
                + " create trigger keep before delete on users_1 for each row execute function f()");
        assertThat(check().reasons().toString()).contains("public.users_1 has the delete trigger keep");
    }

    /** Through the table all of its rows are seen; the partition itself is what is looked at and dropped. */
    @Test
    void aPartitionOfWhichRowsAreHiddenIsNotDropped() {
        String role = "owner_" + database.queryLong("select oid from pg_database where datname = current_database()");
        database.execute("create table logs (id bigint, at timestamptz, primary key (id, at)) partition by range (at);"
                + " create table logs_1 partition of logs for values from ('2020-01-01') to ('2020-02-01');"
                + " create table logs_2 partition of logs for values from ('2020-02-01') to ('2020-03-01');"
                + " insert into logs values (1, '2020-01-15'), (2, '2020-02-15');"
                + " alter table logs_1 enable row level security, force row level security;"
                + " create role " + role + " login; grant usage on schema caretaker to " + role
                + "; grant select on all tables in schema caretaker to " + role + "; alter table logs owner to " + role
                + "; alter table logs_1 owner to " + role + "; alter table logs_2 owner to " + role);
        Readiness.Armed armed = (Readiness.Armed) new TestWorker(
                        database,
                        TestPolicy.of("logs", "logs", "P30D")
                                .with("action", "drop-partitions")
                                .settings())
                .check("logs");

        PartitionCensus.Survey survey = new PartitionCensus(as(role), new Census(as(role)))
                .survey(armed.policy(), Instant.parse("2026-01-01T00:00:00Z"));

        assertThat(survey.ready()).extracting(ready -> ready.name().table()).containsExactly("logs_2");
        assertThat(survey.reason()).contains("public.logs_1 stays, it has row-level security of its own");
    }

    private Transactions as(String role) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL(DatabaseUrl.parse(database.url()).jdbcUrl());
        source.setPassword("postgres");
        source.setUser(role);
        return new Transactions(source);
    }

    private Readiness checkAs(String role) {
        return new Preflight(as(role), new CatalogueRepository())
                .check(Policies.load(TestSettings.with(Map.of()))
                        .find(Policies.USERS)
                        .orElseThrow());
    }
}
