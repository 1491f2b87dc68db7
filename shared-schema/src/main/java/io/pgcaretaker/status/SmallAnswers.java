package io.pgcaretaker.status;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.http.HttpClientResponse;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.client.ClientRequestContext;
import jakarta.ws.rs.client.ClientResponseContext;
import jakarta.ws.rs.client.ClientResponseFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.eclipse.microprofile.rest.client.ext.ResponseExceptionMapper;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.client.impl.ClientRequestContextImpl;
import org.jspecify.annotations.Nullable;

/**
 * Reads no more of a neighbour's answer than one can have: something else may stand at its address, and what that sends
 * without an end would end this service by its heap. For clients whose methods return the answer as a stream, since any other
 * one is kept as a whole before anybody looks at it.
 *
 * <p>Refusals, too, come with what they say unread. The client's own mapper reads it on the event loop, where nothing may wait:
 * what had not come by then was lost.
 */
public final class SmallAnswers implements ClientResponseFilter, ResponseExceptionMapper<WebApplicationException> {

    private static final Logger LOG = Logger.getLogger(SmallAnswers.class);

    /** A hundred times what the largest answer of a neighbour has. */
    static final int MOST_BYTES = 1 << 20;

    /** Of the filters the first: what reads a refusal must not read more of it either. */
    public static final int FIRST = Integer.MAX_VALUE;

    /**
     * What the answer to a call says, of which nobody needs the words where it is a refusal.
     *
     * @return null where it is empty
     * @throws IOException where it is too long, does not come, or is something else
     */
    public static <T> @Nullable T read(ObjectMapper json, Supplier<@Nullable InputStream> call, Class<T> type)
            throws IOException {
        try {
            return read(json, call.get(), type);
        } catch (WebApplicationException e) {
            // Else its connection waits for somebody to read it.
            e.getResponse().close();
            throw e;
        }
    }

    /** The same of an answer. */
    public static <T> @Nullable T read(ObjectMapper json, @Nullable InputStream answer, Class<T> type)
            throws IOException {
        if (answer == null) {
            return null;
        }
        try (answer) {
            byte[] body = answer.readAllBytes();
            return body.length == 0 ? null : json.readValue(body, type);
        }
    }

    /** What a refusal says; empty where that is too long or does not come. */
    public static String words(WebApplicationException refusal) {
        Response answer = refusal.getResponse();
        try (InputStream words = answer.readEntity(InputStream.class)) {
            return words == null ? "" : new String(words.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException | RuntimeException e) {
            LOG.debugf(e, "a refusal's words cannot be read status=%d", answer.getStatus());
            return "";
        }
    }

    @Override
    public WebApplicationException toThrowable(Response response) {
        return new WebApplicationException(response);
    }

    @Override
    public void filter(ClientRequestContext request, ClientResponseContext response) {
        // Not hasEntity(): that reads, and here nothing may wait.
        if (request instanceof ClientRequestContextImpl call && response.getEntityStream() != null) {
            // Or it would be read as JSON before the caller has it.
            response.getHeaders().putSingle(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_OCTET_STREAM);
            HttpClientResponse connection = call.getRestClientRequestContext().getVertxClientResponse();
            response.setEntityStream(new Bounded(
                    response.getEntityStream(), () -> connection.request().reset()));
        }
    }

    /** Of a name of its own: by that it is told. */
    static final class AnswerTooLongException extends IOException {
        private static final long serialVersionUID = 1L;

        AnswerTooLongException() {
            super("the answer has more than " + MOST_BYTES + " bytes");
        }
    }

    /** An end before the answer's is the connection's, too: closing alone would go on to take what comes. */
    static final class Bounded extends FilterInputStream {

        private final Runnable hangUp;
        private long left = MOST_BYTES;
        private boolean ended;

        Bounded(InputStream answer, Runnable hangUp) {
            super(answer);
            this.hangUp = hangUp;
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            count(read < 0 ? read : 1);
            return read;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            int read = super.read(into, from, length);
            count(read);
            return read;
        }

        private void count(int read) throws IOException {
            ended |= read < 0;
            left -= Math.max(0, read);
            if (left < 0) {
                throw new AnswerTooLongException();
            }
        }

        @Override
        public void close() throws IOException {
            if (!ended) {
                hangUp.run();
            }
            super.close();
        }
    }
}
