package io.pgcaretaker.cleanup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RelayTest {

    private static final Executor THREADS = work -> new Thread(work).start();

    @Test
    void allIsWrittenInItsOrder() throws Exception {
        byte[] bytes = new byte[1_000_003];
        new Random(7).nextBytes(bytes);
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        try (Relay relay = new Relay(out, THREADS)) {
            relay.write(bytes[0]);
            relay.write(bytes, 1, 70_000);
            relay.write(bytes, 70_001, bytes.length - 70_001);
            relay.finish();
        }

        assertThat(out.toByteArray()).isEqualTo(bytes);
    }

    @Test
    void whatTheWriterThrowsIsThrownAtWhoeverWrites() {
        OutputStream full = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("no space left");
            }
        };
        try (Relay relay = new Relay(full, THREADS)) {
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 20; i++) {
                            relay.write(new byte[100_000]);
                        }
                        relay.finish();
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessage("no space left");
        }
        try (Relay relay = new Relay(full, THREADS)) {
            assertThatThrownBy(() -> {
                        relay.write(1);
                        relay.finish();
                    })
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void whatWasNotFinishedIsGivenUpAndNothingIsWrittenLater() throws Exception {
        AtomicInteger written = new AtomicInteger();
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        OutputStream slow = new OutputStream() {
            @Override
            public void write(int b) {
                written.incrementAndGet();
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                busy.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                written.addAndGet(length);
            }
        };
        Relay relay = new Relay(slow, THREADS);
        relay.write(new byte[3 * 64 * 1024]);
        busy.await();
        go.countDown();
        relay.close();

        int atItsEnd = written.get();
        assertThat(atItsEnd).isPositive();
        Thread.sleep(50);
        assertThat(written.get()).isEqualTo(atItsEnd);
    }
}
