package io.pgcaretaker.problem;

import jakarta.annotation.Priority;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.ext.Provider;
import jakarta.ws.rs.ext.ReaderInterceptor;
import jakarta.ws.rs.ext.ReaderInterceptorContext;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A body that breaks off, comes too slowly or is not cut as its header says is its sender's fault. Each was an error with a
 * trace in the log, which anybody with a key could fill.
 */
@Provider
@Priority(Priorities.ENTITY_CODER - 100)
public class BrokenBody implements ReaderInterceptor {

    @Override
    public Object aroundReadFrom(ReaderInterceptorContext context) throws IOException {
        context.setInputStream(new Incoming(context.getInputStream()));
        return context.proceed();
    }

    /** What fails here fails on the way from the sender. */
    private static final class Incoming extends FilterInputStream {

        Incoming(InputStream sent) {
            super(sent);
        }

        @Override
        public int read() throws IOException {
            return told(in::read);
        }

        @Override
        public int read(byte[] part, int from, int length) throws IOException {
            return told(() -> in.read(part, from, length));
        }

        private static int told(Reading reading) {
            try {
                return reading.read();
            } catch (IOException e) {
                throw new ProblemException(Problem.of(
                        400, "Broken body", "the body broke off, came too slowly or is not cut as its header says"));
            }
        }

        private interface Reading {
            int read() throws IOException;
        }
    }
}
