package io.pgcaretaker.cleanup.notice;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.testing.TestDatabase;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A notice of which a deployment has lost a part: somebody confirms that, or nobody goes. */
class NoticeTermsDbTest extends UsersToTell {

    NoticeTermsDbTest() {
        super(TestDatabase.createMigrated());
    }

    @Test
    void whoCannotBeToldStaysUntilSomebodyHasConfirmedThatTheyGo() throws Exception {
        worker(Map.of("user-notice-undeliverable", "hold")).runNow(USERS);

        UUID id = worker(Map.of()).runNow(USERS);

        assertThat(run(id, "state || ' ' || coalesce(stop_reason, '') || ' ' || coalesce(stop_detail, '')"))
                .startsWith("needs-approval terms-loosened who cannot be told goes all the same, and stayed,");
    }

    @Test
    void nobodyIsToldLaterThanBeforeUntilSomebodyHasConfirmedIt() throws Exception {
        worker(Map.of("user-notice-days", "14")).runNow(USERS);

        UUID id = worker(Map.of("user-notice-days", "7")).runNow(USERS);

        assertThat(run(id, "state || ' ' || coalesce(stop_reason, '') || ' ' || coalesce(stop_detail, '')"))
                .startsWith("needs-approval terms-loosened people are told P7D before and were told P14D before,");
        assertThat(run(worker(Map.of("user-notice-days", "20")).runNow(USERS), "state"))
                .isEqualTo("completed");
    }
}
