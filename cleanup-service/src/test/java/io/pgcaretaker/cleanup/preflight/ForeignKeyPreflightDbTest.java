package io.pgcaretaker.cleanup.preflight;

import static io.pgcaretaker.cleanup.preflight.PreflightDbTest.INDEX;
import static io.pgcaretaker.cleanup.preflight.PreflightDbTest.USERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Foreign keys to the policy's table, whatever they do when a row goes. */
class ForeignKeyPreflightDbTest extends CleanupDbTest {

    private Readiness check() {
        return new TestWorker(database, Map.of()).check(Policies.USERS);
    }

    /** A default that there is, or that is null or computed, is as good as any other way not to refer to a row. */
    @ParameterizedTest
    @ValueSource(strings = {"1", "-1", "null", "(floor(random()))::bigint"})
    void aForeignKeyMayBeSetToADefaultThatThereIs(String value) {
        database.execute(USERS + INDEX + "insert into users values (1, false), (-1, false);"
                + " create table child (user_id bigint default " + value
                + " references users on delete set default); create index on child (user_id)");

        assertThat(check()).isInstanceOf(Readiness.Armed.class);
    }

    /** PostgreSQL 15 sets some columns of a key to null and leaves the others, 18 knows keys that do nothing. */
    @Test
    void aForeignKeyDoesWhatItSays() {
        long version = serverVersion();
        assumeThat(version).isGreaterThanOrEqualTo(150_000);
        database.execute(USERS + INDEX + "alter table users add tenant int not null default 1, add unique (tenant, id);"
                + " create table child (tenant int not null, user_id bigint,"
                + " foreign key (tenant, user_id) references users (tenant, id) on delete set null (user_id));"
                + " create index on child (tenant, user_id);"
                + " create table idle (user_id bigint"
                + (version < 180_000 ? ")" : " references users on delete cascade not enforced)"));

        Readiness readiness = check();

        assertThat(readiness.reasons()).isEmpty();
        ArmedPolicy armed = ((Readiness.Armed) readiness).policy();
        assertThat(armed.dependents()).isEmpty();
        assertThat(armed.unset().get(0).unsetColumns()).containsExactly("user_id");
    }

    /** PostgreSQL takes it when it is made, and refuses each row that is referred to. */
    @Test
    void aKeyThatIsMatchFullIsNotSetToNullInPart() {
        assumeThat(serverVersion()).isGreaterThanOrEqualTo(150_000);
        database.execute(USERS + INDEX + "alter table users add tenant int not null default 1, add unique (tenant, id);"
                + " create table child (tenant int, user_id bigint,"
                + " foreign key (tenant, user_id) references users (tenant, id) match full on delete set null (user_id));"
                + " create index on child (tenant, user_id)");

        assertThat(check().reasons())
                .singleElement()
                .asString()
                .startsWith(
                        "the foreign key child_tenant_user_id_fkey of public.child is match full, and only [user_id]");
        database.execute(
                "alter table child drop constraint child_tenant_user_id_fkey, add foreign key (tenant, user_id)"
                        + " references users (tenant, id) match full on delete set null");
        assertThat(check()).isInstanceOf(Readiness.Armed.class);
    }

    /** The key is of one partition alone; a delete through the table cascades all the same. */
    @Test
    void aForeignKeyToAPartitionIsFollowed() {
        database.execute("create table users (id bigint primary key, is_deleted boolean, deleted_at timestamp)"
                + " partition by range (id); create table users_0 partition of users for values from (0) to (9);"
                + " create index on users (deleted_at, id);"
                + " create table child (user_id bigint references users_0 on delete cascade)");
        assertThat(check().reasons().toString()).contains("create index concurrently on \"public\".\"child\"");

        database.execute("create index on child (user_id)");

        assertThat(((Readiness.Armed) check()).policy().dependents()).hasSize(1);
    }

    /** Which of the two is meant PostgreSQL does not guess: each run would fail. */
    @Test
    void columnsOfDifferentCollationsAreNamedWithWhatToRun() {
        database.execute(USERS + INDEX + "alter table users add code varchar(9) collate \"C\" unique;"
                + " create table child (\"a code\" varchar(9) collate \"POSIX\" references users (code) on delete cascade);"
                + " create index on child (\"a code\")");
        String reason = check().reasons().get(0);
        assertThat(reason)
                .contains("the foreign key child_a code_fkey of public.child is between columns of different");

        database.execute(reason.substring(reason.indexOf("run: ") + 5));

        assertThat(check()).isInstanceOf(Readiness.Armed.class);
    }

    @Test
    void theDatabasesOwnCollationGivesWayToAnother() {
        database.execute(
                USERS + INDEX + "alter table users add code text collate \"C\" unique;"
                        + " create table child (code text references users (code) on delete cascade); create index on child (code)");

        assertThat(check()).isInstanceOf(Readiness.Armed.class);
    }
}
