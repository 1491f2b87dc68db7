package io.pgcaretaker.email.api;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.Provider;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveResourceInfo;
import org.jboss.resteasy.reactive.server.spi.ServerMessageBodyReader;
import org.jboss.resteasy.reactive.server.spi.ServerRequestContext;

/** A body as it came: who reads it decides on which thread, since a large one takes its time. */
@SuppressWarnings("ArrayRecordComponent") // carried from one place to the next, never compared
record RawJson(byte[] bytes) {

    /** Reads what has arrived already. */
    @Provider
    @Consumes(MediaType.APPLICATION_JSON)
    public static class Reader implements ServerMessageBodyReader<RawJson> {

        @Override
        public boolean isReadable(
                Class<?> type, Type generic, ResteasyReactiveResourceInfo resource, MediaType mediaType) {
            return type == RawJson.class;
        }

        @Override
        public RawJson readFrom(Class<RawJson> type, Type generic, MediaType mediaType, ServerRequestContext context)
                throws IOException {
            return new RawJson(context.getInputStream().readAllBytes());
        }

        @Override
        public boolean isReadable(Class<?> type, Type generic, Annotation[] annotations, MediaType mediaType) {
            return type == RawJson.class;
        }

        @Override
        public RawJson readFrom(
                Class<RawJson> type,
                Type generic,
                Annotation[] annotations,
                MediaType mediaType,
                MultivaluedMap<String, String> headers,
                InputStream body)
                throws IOException {
            return new RawJson(body.readAllBytes());
        }
    }
}
