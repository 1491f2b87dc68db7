package io.pgcaretaker.email.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.email.delivery.LargeMails;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.MultivaluedHashMap;
import java.lang.reflect.Proxy;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LargeBodyFilterTest {

    private final LargeMails large = new LargeMails();
    private final LargeBodyFilter filter = new LargeBodyFilter(large);

    /** A request without a Content-Type, of which JAX-RS says that it has no body. */
    private static ContainerRequestContext untyped(int length, Map<String, String> headers) {
        return (ContainerRequestContext) Proxy.newProxyInstance(
                LargeBodyFilterTest.class.getClassLoader(),
                new Class<?>[] {ContainerRequestContext.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getMethod" -> "POST";
                    case "getLength" -> length;
                    case "hasEntity" -> false;
                    case "getHeaders" -> new MultivaluedHashMap<>(headers);
                    default -> null;
                });
    }

    @Test
    void aLargeBodyWithoutATypeTakesItsTurnToo() throws Exception {
        filter.filter(untyped(8_000_000, Map.of()));

        assertThat(large.beginTaking(0)).isFalse();
    }

    @Test
    void aBodyThatDoesNotSayItsLengthTakesItsTurn() throws Exception {
        filter.filter(untyped(-1, Map.of("transfer-encoding", "chunked")));

        assertThat(large.beginTaking(0)).isFalse();
    }

    @Test
    void whoHasNoBodyOrASmallOneWaitsForNobody() throws Exception {
        filter.filter(untyped(-1, Map.of()));
        filter.filter(untyped(100, Map.of()));

        assertThat(large.beginTaking(0)).isTrue();
    }
}
