package io.pgcaretaker.email.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WaitPolicyTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            sent     | -         | false | false | false | -    | ok   | -
            digested | -         | false | false | false | -    | ok   | -
            queued   | -         | true  | false | false | 60   | ok   | a worker has it now
            queued   | -         | false | true  | false | -60  | ok   | a free connection: the worker that had it is gone
            queued   | -         | false | false | false | -1   | ok   | a free connection
            queued   | -         | false | false | true  | 3600 | ok   | its time
            queued   | -         | false | false | true  | 3600 | down | its time
            queued   | -         | false | false | false | 5    | down | the SMTP server: down
            queued   | -         | false | false | false | 5    | ok   | its next attempt: the SMTP server was at fault
            queued   | domain    | false | false | false | 5    | ok   | its turn: only so many mails go to its domain a minute
            queued   | recipient | false | false | false | 5    | ok   | its turn: only so many mails go to its address an hour
            queued   | busy      | false | false | false | 5    | ok   | its turn: other mails to its domain wait for an answer of the server
            delayed  | -         | false | false | false | 5    | ok   | its next attempt: the server said not now
            unknown  | -         | false | false | false | 5    | ok   | its next attempt: nobody knows whether the server took the last one
            unknown  | -         | false | false | false | -    | ok   | an operator: nobody knows whether the server took it; resend it or settle it
            """)
    void everyWaitHasItsReason(
            String state,
            String pacedBy,
            boolean inProgress,
            boolean abandoned,
            boolean scheduled,
            Long secondsAhead,
            String transport,
            String reason) {
        Instant next = secondsAhead == null ? null : NOW.plusSeconds(secondsAhead);

        assertThat(WaitPolicy.waitsFor(
                        new WaitPolicy.Place(state, inProgress, abandoned, scheduled, next, pacedBy), transport, NOW))
                .isEqualTo(reason);
    }
}
