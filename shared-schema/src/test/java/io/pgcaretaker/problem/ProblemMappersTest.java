package io.pgcaretaker.problem;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.channels.ClosedChannelException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a request that fails leaves in the log. */
class ProblemMappersTest {

    private final Logger logger = Logger.getLogger(ProblemMappers.class.getName());
    private final List<String> lines = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            if (line.getLevel().intValue() >= Level.INFO.intValue()) {
                lines.add(line.getMessage() + Arrays.toString(line.getParameters()));
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        logger.addHandler(handler);
    }

    @AfterEach
    void leave() {
        logger.removeHandler(handler);
    }

    /** A link out of a mail is all that is needed to use it, and an address is somebody's. */
    @ParameterizedTest
    @CsvSource({
        "/api/cleanup/restore/c2VjcmV0, token, c2VjcmV0, /api/cleanup/restore/{token}",
        "/api/email/suppressions/a@example.com, address, a@example.com, /api/email/suppressions/{address}",
        "/api/email/suppressions/a/b@example.com, address, a/b@example.com, /api/email/suppressions/{address}",
    })
    void theLogHasTheRouteAndNotWhatStandsInIt(String path, String name, String value, String route) {
        MultivaluedMap<String, String> parameters = new MultivaluedHashMap<>();
        parameters.add(name, value);

        Response answer =
                new ProblemMappers(noFormats()).unexpected(new IllegalStateException("broken"), uri(path, parameters));

        assertThat(answer.getStatus()).isEqualTo(500);
        assertThat(lines)
                .singleElement()
                .satisfies(line -> assertThat(line).contains(route).doesNotContain(value));
    }

    /** The request's fault, and nothing for the log. */
    @Test
    void aCharacterThatTheDatabaseDoesNotHaveIsTheRequests() {
        Response answer = new ProblemMappers(noFormats())
                .unexpected(
                        new IllegalStateException(new SQLException("no equivalent", "22P05")),
                        uri("/api/cleanup/holds", new MultivaluedHashMap<>()));

        assertThat(answer.getStatus()).isEqualTo(422);
        assertThat(lines).isEmpty();
    }

    /** As of a pool that gets no session: it was an error of ours. */
    @Test
    void aDatabaseThatIsAwayIsNoErrorOfOurs() {
        Response answer = new ProblemMappers(noFormats())
                .unexpected(
                        new SQLException("The connection attempt failed.", "08001"),
                        uri("/emails", new MultivaluedHashMap<>()));

        assertThat(answer.getStatus()).isEqualTo(503);
        assertThat(lines).isEmpty();
    }

    /** As a reader of events who goes away: an operator would look for what is wrong. */
    @Test
    void whoWaitsNoLongerIsNoError() {
        ProblemMappers mappers = new ProblemMappers(noFormats());
        UriInfo uri = uri("/api/cleanup/runs", new MultivaluedHashMap<>());

        mappers.unexpected(new ClosedChannelException(), uri);
        mappers.unexpected(new IOException("Connection reset by peer"), uri);
        assertThat(lines).isEmpty();

        mappers.unexpected(new IOException("No space left on device"), uri);
        assertThat(lines).hasSize(1);
    }

    private static UriInfo uri(String path, MultivaluedMap<String, String> parameters) {
        return (UriInfo) Proxy.newProxyInstance(
                UriInfo.class.getClassLoader(),
                new Class<?>[] {UriInfo.class},
                (proxy, method, arguments) -> method.getName().equals("getPath") ? path : parameters);
    }

    @SuppressWarnings("unchecked") // A proxy knows no type parameter.
    private static Instance<ProblemFormat> noFormats() {
        return (Instance<ProblemFormat>) Proxy.newProxyInstance(
                Instance.class.getClassLoader(),
                new Class<?>[] {Instance.class},
                (proxy, method, arguments) -> Collections.emptyIterator());
    }
}
