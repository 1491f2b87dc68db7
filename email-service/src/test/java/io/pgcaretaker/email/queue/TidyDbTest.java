package io.pgcaretaker.email.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.testing.TestDatabase;
import org.junit.jupiter.api.Test;

class TidyDbTest {

    private final TestDatabase database = TestDatabase.createMigrated();
    private final TidySchedule tidying = new TidySchedule(database.source());

    @Test
    void keysOfABusyMinuteAreForgottenInOneTick() {
        database.execute(
                "insert into caretaker.email_idempotency (caller, endpoint, key, request, email_ids, expires_at)"
                        + " select 'app', 'emails', g::text, '', '{}', now() - interval '1 minute' * (g - 10)"
                        + " from generate_series(1, 3500) g");

        tidying.tick();

        assertThat(database.queryLong("select count(*) from caretaker.email_idempotency"))
                .isEqualTo(9);
    }
}
