package io.pgcaretaker.email.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LargeBodyTest {

    private final AtomicBoolean awaited = new AtomicBoolean();
    private final AtomicLong nanos = new AtomicLong();
    private final InputStream sent = new ByteArrayInputStream("a mail".getBytes(StandardCharsets.UTF_8));
    private final LargeBody body = new LargeBody(sent, awaited::get, nanos::get);

    @Test
    void aSlowBodyGivesWayToThoseThatWait() throws Exception {
        awaited.set(true);
        assertThat(body.read()).isEqualTo('a');

        nanos.set(LargeBody.UNDISTURBED.toNanos() + 1);

        assertThatThrownBy(body::read).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> body.read(new byte[9])).isInstanceOf(IOException.class);
    }

    /** Jackson closes what it could not read, and Quarkus reads to its end what is closed. */
    @Test
    void theRestOfOneThatGaveWayIsNotWaitedFor() throws Exception {
        awaited.set(true);
        nanos.set(LargeBody.UNDISTURBED.toNanos() + 1);
        assertThatThrownBy(body::read).isInstanceOf(IOException.class);
        awaited.set(false);

        body.close();

        assertThat(sent.available()).as("not read").isEqualTo(6);
    }

    @Test
    void aSlowBodyThatNobodyWaitsForIsReadToItsEnd() throws Exception {
        nanos.set(100 * LargeBody.UNDISTURBED.toNanos());

        assertThat(body.readAllBytes()).hasSize(6);
    }
}
