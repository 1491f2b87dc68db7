package io.pgcaretaker.cleanup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Readiness;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a run may go by the look that opened its slot. */
class FreshPreflightDbTest extends CleanupDbTest {

    private final AtomicLong nanoTime = new AtomicLong();
    private RetentionPolicy policy;
    private FreshPreflight preflight;

    @BeforeEach
    void makeUsers() {
        database.execute("create table users (id text primary key, email text, username text,"
                + " is_deleted boolean not null default false, deleted_at timestamp);"
                + " create index users_age on users (deleted_at, id) where is_deleted");
        TestWorker worker = new TestWorker(database, Map.of());
        policy = worker.policy("soft-deleted-users");
        preflight = new FreshPreflight(worker.preflight(), nanoTime::get);
    }

    @Test
    void theLookThatOpenedTheSlotIsGoodForTheOneRunThatFollowsIt() {
        assertThat(preflight.forSlot(policy)).isInstanceOf(Readiness.Armed.class);
        database.execute("drop index users_age");

        assertThat(preflight.forRun(policy)).isInstanceOf(Readiness.Armed.class);
        assertThat(preflight.forRun(policy)).isInstanceOf(Readiness.Blocked.class);
    }

    @Test
    void anOldLookIsNotGoodEnough() {
        preflight.forSlot(policy);
        database.execute("drop index users_age");
        nanoTime.addAndGet(Duration.ofSeconds(6).toNanos());

        assertThat(preflight.forRun(policy)).isInstanceOf(Readiness.Blocked.class);
    }

    @Test
    void whatStoodInTheWayIsLookedAtAgain() {
        database.execute("drop index users_age");
        assertThat(preflight.forSlot(policy)).isInstanceOf(Readiness.Blocked.class);
        database.execute("create index users_age on users (deleted_at, id) where is_deleted");

        assertThat(preflight.forRun(policy)).isInstanceOf(Readiness.Armed.class);
    }
}
