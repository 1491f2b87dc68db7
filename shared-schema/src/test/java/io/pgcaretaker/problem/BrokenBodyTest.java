package io.pgcaretaker.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import jakarta.ws.rs.ext.ReaderInterceptorContext;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class BrokenBodyTest {

    private static final class Broken extends InputStream {
        @Override
        public int read() throws IOException {
            throw new IOException("Connection was closed");
        }

        @Override
        public int read(byte[] part, int from, int length) throws IOException {
            return read();
        }
    }

    /** A body that is read to its end. */
    private static ReaderInterceptorContext context() {
        AtomicReference<InputStream> body = new AtomicReference<>(new Broken());
        return (ReaderInterceptorContext) Proxy.newProxyInstance(
                BrokenBodyTest.class.getClassLoader(),
                new Class<?>[] {ReaderInterceptorContext.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getInputStream" -> body.get();
                    case "setInputStream" -> body.getAndSet((InputStream) arguments[0]);
                    case "proceed" -> body.get().readAllBytes();
                    default -> throw new IllegalStateException(method.getName());
                });
    }

    @Test
    void aBodyThatBreaksOffIsItsSendersFault() {
        assertThatThrownBy(() -> body(new BodiesUnderWay()).aroundReadFrom(context()))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        thrown -> assertThat(thrown.problem().status()).isEqualTo(400));
    }

    private static BrokenBody body(BodiesUnderWay underWay) {
        return new BrokenBody(
                underWay,
                QuarkusSecurityIdentity.builder()
                        .setPrincipal(new QuarkusPrincipal("app"))
                        .build());
    }

    /** One caller's slow bodies held all workers, and probes were not answered. */
    @Test
    void soManyOfOneCallersBodiesAreWaitedForAndNobodyElsesAreHeldUp() {
        BodiesUnderWay underWay = new BodiesUnderWay();
        for (int i = 0; i < BodiesUnderWay.READ; i++) {
            assertThat(underWay.begin("app")).isTrue();
        }

        assertThatThrownBy(() -> body(underWay).aroundReadFrom(context()))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        thrown -> assertThat(thrown.problem().status()).isEqualTo(503));
        assertThat(underWay.begin("other")).isTrue();

        underWay.end("app");
        assertThat(underWay.begin("app")).isTrue();
    }
}
