package io.pgcaretaker.email.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LargeMailsTest {

    private final LargeMails large = new LargeMails();

    private static Claimed claimed(long attachmentBytes) {
        StoredMail mail = new StoredMail(
                "plain",
                "queued",
                0,
                "a@x.test",
                "<m@x.test>",
                Instant.EPOCH,
                new StoredMail.Addresses("a@x.test", List.of(), List.of(), List.of()),
                "x",
                "{}",
                new StoredMail.Bodies(null, "x"),
                false,
                true,
                attachmentBytes,
                false,
                null);
        return new Claimed(1, UUID.randomUUID(), 1, false, true, false, 0, 0, mail);
    }

    @Test
    void onlyOneLargeMailIsSentAtATime() {
        Claimed first = claimed(LargeMails.LARGE_BYTES);
        Claimed second = claimed(10_000_000);

        assertThat(large.maySend(first)).isTrue();
        assertThat(large.maySend(second)).isFalse();
        large.sent(first);
        assertThat(large.maySend(second)).isTrue();
    }

    @Test
    void smallMailsNeitherWaitNorLetOthersIn() {
        Claimed small = claimed(LargeMails.LARGE_BYTES - 1);
        assertThat(large.maySend(claimed(10_000_000))).isTrue();

        assertThat(large.maySend(small)).isTrue();
        large.sent(small);
        assertThat(large.maySend(claimed(10_000_000))).isFalse();
    }

    @Test
    void onlyOneLargeBodyIsTakenAtATime() throws InterruptedException {
        assertThat(large.beginTaking(0)).isTrue();
        assertThat(large.beginTaking(0)).isFalse();
        large.endTaking();
        assertThat(large.beginTaking(0)).isTrue();
    }
}
