package io.pgcaretaker.cleanup.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.OpenTransaction;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.maintenance.VacuumResource.TableTime;
import io.pgcaretaker.database.DatabaseUrl;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class VacuumDbTest extends CleanupDbTest {

    private final VacuumResource resource = new VacuumResource(new Transactions(database.source()), database.source());

    @BeforeEach
    void make() {
        database.execute("create table items (id bigint primary key, name text);"
                + " insert into items select n, 'x' from generate_series(1, 100) as n");
    }

    private TableTime vacuum(String table) {
        return resource.vacuum(new VacuumResource.Request(List.of(table)))
                .tables()
                .get(0);
    }

    /** PostgreSQL, or a function of the application's, has something to say and does it all the same. */
    @Test
    void aTableThatPostgresWarnsAboutIsVacuumed() throws Exception {
        database.execute("create function loud(t text) returns text language plpgsql immutable as"
                + " $$ begin raise warning 'hear'; return t; end $$;"
                + " set client_min_messages = error; create index on items (loud(name)); reset client_min_messages");

        TableTime time = vacuum("items");

        assertThat(time.state()).isEqualTo("vacuumed");
        assertThat(time.why()).isNull();
        assertThat(database.queryLong("select reltuples from pg_class where relname = 'items'"))
                .isEqualTo(100);
    }

    @Test
    void aTableThatIsInUseIsSkipped() throws Exception {
        try (OpenTransaction application = OpenTransaction.begin(database, "lock table items in share mode")) {
            TableTime time = vacuum("items");

            assertThat(time.state()).isEqualTo("skipped");
            assertThat(time.why()).isEqualTo("it, or a part of it, is in use at this moment");
            application.rollback();
        }
    }

    /** It was told to try again, and each try ended there. */
    @Test
    void whatTheRolesDeadlineEndsIsTold() throws Exception {
        database.execute("create table slow (id bigint primary key, name text);"
                + " insert into slow select n, 'x' from generate_series(1, 100) as n;"
                + " create function drag(t text) returns text language plpgsql immutable as $$ begin return t; end $$;"
                + " create index on slow (drag(name));"
                + " create or replace function drag(t text) returns text language plpgsql immutable as"
                + " $$ begin perform pg_sleep(60); return t; end $$");
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL(DatabaseUrl.parse(database.url()).jdbcUrl());
        source.setUser("postgres");
        source.setPassword("postgres");
        source.setOptions("-c statement_timeout=2000");
        VacuumResource limited = new VacuumResource(new Transactions(source), source);

        List<TableTime> times = limited.vacuum(new VacuumResource.Request(List.of("items", "slow")))
                .tables();

        assertThat(times).extracting(TableTime::state).containsExactly("vacuumed", "cancelled");
        assertThat(times.get(1).why())
                .startsWith("statement_timeout is 2000 ms for the role postgres")
                .contains("alter role \"postgres\" set statement_timeout = 0");
    }

    /** The superuser's are all tables; this role's none. */
    @Test
    void aTableOfSomebodyElseIsSkipped() throws Exception {
        database.execute("create role no_owner login");
        try {
            database.execute("grant usage on schema public, caretaker to no_owner; grant select on items to no_owner");
            PGSimpleDataSource source = new PGSimpleDataSource();
            source.setURL(DatabaseUrl.parse(database.url()).jdbcUrl());
            source.setPassword("postgres");
            source.setUser("no_owner");
            VacuumResource theirs = new VacuumResource(new Transactions(source), source);

            TableTime time = theirs.vacuum(new VacuumResource.Request(List.of("items")))
                    .tables()
                    .get(0);

            assertThat(time.state()).isEqualTo("skipped");
            assertThat(time.why()).startsWith("the role no_owner may not");
        } finally {
            database.execute("drop owned by no_owner; drop role no_owner");
        }
    }
}
