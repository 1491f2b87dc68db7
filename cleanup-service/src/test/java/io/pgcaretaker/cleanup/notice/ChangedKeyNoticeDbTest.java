package io.pgcaretaker.cleanup.notice;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.testing.TestDatabase;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A migration gives users keys of another kind, while notices about their deletion are under way. */
class ChangedKeyNoticeDbTest extends UsersToTell {

    private static final TestDatabase DATABASE = TestDatabase.createMigrated();

    ChangedKeyNoticeDbTest() {
        super(DATABASE);
    }

    /** What was a key is none now, and was looked up as one: each round failed, nobody was told any more, and nobody went. */
    @Test
    void whoWasToldByAKeyThatIsNoneNowIsToldAnew() throws Exception {
        TestWorker worker = worker(Map.of());
        new TestNotices(worker).tick();
        assertThat(states()).isEqualTo("accepted 3");
        database.execute("alter table users alter column id type uuid using md5(id::text)::uuid");
        TestNotices notices = new TestNotices(worker);

        notices.tick();

        assertThat(states()).isEqualTo("accepted 3, withdrawn 3");
        assertThat(notices.handedOver).hasSize(3);
        deliver(notices);
        pass(8);
        worker.runNow(USERS);
        assertThat(database.queryLong("select count(*) from users")).isEqualTo(3);
    }
}
