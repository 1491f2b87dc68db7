package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Columns of a type whose operators are in a schema of their own, as extensions are on some providers. */
class OperatorsDbTest extends CleanupDbTest {

    /** Of the sessions that are opened from now on. */
    private volatile String path = "public";

    private final TestWorker worker = worker(TestPolicy.of("people", "people", "P2D"));

    private TestWorker worker(TestPolicy policy) {
        return new TestWorker(
                new PGSimpleDataSource() {
                    @Override
                    public Connection getConnection() throws SQLException {
                        Connection connection = database.connect();
                        try (Statement statement = connection.createStatement()) {
                            statement.execute("set search_path = " + path);
                        }
                        return connection;
                    }
                },
                policy.settings(),
                Clock.systemUTC());
    }

    /** Each has an order that names them in another spelling, and the third one's is held. */
    @BeforeEach
    void make() {
        database.execute("""
                create schema ext;
                create extension citext schema ext;
                create domain address as ext.citext;
                create table people (id bigint primary key, email address unique, at timestamptz);
                create table orders (id bigint primary key, person ext.citext references people (email) on delete cascade);
                insert into people select n, 'ann' || n, now() - interval '9 days' from generate_series(1, 10) as n;
                insert into orders select n, 'ANN' || n from generate_series(1, 10) as n;
                create index on people (at, id);
                create index on orders (person);
                """);
        hold("people", "orders", "[\"3\"]");
    }

    private String end(UUID id) throws Exception {
        return run(
                id,
                "state || coalesce(' ' || nullif(stop_reason, 'done'), '') || ' ' || rows_deleted"
                        + " || coalesce(' ' || stop_detail, '')");
    }

    /** The operator of text would be taken, for which none of the orders is anybody's. */
    @Test
    void whereTheyAreNotFoundNothingGoes() throws Exception {
        assertThat(end(worker.runNow("people")))
                .startsWith(
                        "refused preflight 0 column 'person' of public.orders is a ext.citext, which is compared by an"
                                + " operator of the schema ext, and that is not on the search path of the role postgres");
        assertThat(database.queryLong("select count(*) from orders")).isEqualTo(10);
    }

    @Test
    void whereTheyAreFoundWhatIsHeldStays() throws Exception {
        path = "public, ext";

        assertThat(end(worker.runNow("people"))).isEqualTo("completed 18");
        assertThat(text("select id || person from orders")).isEqualTo("3ANN3");
    }

    /** As where the role's path was changed, and sessions of before are in the pool. */
    @Test
    void eachSessionHasToFindThem() throws Exception {
        path = "public, ext";
        worker.worker.openSlots();
        path = "public";
        worker.worker.work();

        UUID id = UUID.fromString(text("select id::text from caretaker.cleanup_run"));
        assertThat(end(id))
                .startsWith(
                        "failed preflight 0 the operator ext.=(ext.citext,ext.citext) is not found by this session");
        assertThat(database.queryLong("select count(*) from orders")).isEqualTo(10);
    }

    /** Two rows by the index are one by their column: with the old one would go what is the young one's. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            text collate blind | name collate "C"
            ext.citext         | name text_ops
            """)
    void aKeyIsUniqueAsItsColumnIsCompared(String type, String index) throws Exception {
        path = "public, ext";
        database.execute("""
                create collation blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
                create table users (id bigint primary key, name TYPE not null, at timestamptz);
                create unique index on users (INDEX);
                create table letters (id bigint primary key, sender bigint references users on delete cascade);
                insert into users select n, 'u' || n, now() - interval '20 days' from generate_series(3, 302) as n;
                insert into users values (1, 'bob', now() - interval '9 days'), (2, 'BOB', now());
                insert into letters values (1, 1), (2, 2);
                create index on users (at, name);
                create index on letters (sender)
                """.replace("TYPE", type).replace("INDEX", index));
        TestWorker own = worker(TestPolicy.of("users", "users", "P2D").with("key", "[name]"));

        assertThat(end(own.runNow("users")))
                .startsWith("refused preflight 0 public.users has no unique index over exactly");
        assertThat(texts("select id::text from letters")).containsExactly("1", "2");

        database.execute("delete from letters where id = 2; delete from users where id = 2;"
                + " create unique index on users (name)");
        assertThat(end(own.runNow("users"))).isEqualTo("completed 302");
    }

    private static final String NEVER =
            "create function never(varchar, varchar) returns bool language sql as 'select false';"
                    + " create operator = (leftarg = varchar, rightarg = varchar, procedure = never)";

    private void compareAsVarchar() {
        path = "public, ext";
        database.execute("""
                alter table orders drop constraint orders_person_fkey, alter person type varchar;
                alter table people alter email type varchar;
                update orders set person = lower(person);
                alter table orders add foreign key (person) references people (email) on delete cascade;
                """);
    }

    /** PostgreSQL has none for varchar itself and takes that of text, unless there is one that fits better. */
    @Test
    void nobodyElsesOperatorDecidesWhoseRowsAre() throws Exception {
        compareAsVarchar();
        database.execute(NEVER);

        assertThat(end(worker.runNow("people")))
                .startsWith(
                        "refused preflight 0 column 'person' of public.orders is a character varying, and"
                                + " =(character varying,character varying) would compare its values instead of PostgreSQL's own");
        assertThat(database.queryLong("select count(*) from orders")).isEqualTo(10);
    }

    @Test
    void noOperatorThatIsMadeMeanwhileDoes() throws Exception {
        compareAsVarchar();
        worker.worker.openSlots();
        database.execute(NEVER);
        worker.worker.work();

        assertThat(end(UUID.fromString(text("select id::text from caretaker.cleanup_run"))))
                .startsWith("failed preflight 0 column 'person' of public.orders is a character varying, and"
                        + " =(character varying,character varying) has come to compare its values");
        assertThat(database.queryLong("select count(*) from orders")).isEqualTo(10);
    }
}
