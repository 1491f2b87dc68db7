package io.pgcaretaker.problem;

import io.quarkus.security.identity.SecurityIdentity;
import jakarta.annotation.Priority;
import jakarta.ws.rs.ConstrainedTo;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.RuntimeType;
import jakarta.ws.rs.ext.Provider;
import jakarta.ws.rs.ext.ReaderInterceptor;
import jakarta.ws.rs.ext.ReaderInterceptorContext;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A body that breaks off, comes too slowly or is not cut as its header says is its sender's fault. Each was an error with a
 * trace in the log, which anybody with a key could fill. What this service's own clients read has no caller.
 */
@Provider
@ConstrainedTo(RuntimeType.SERVER)
@Priority(Priorities.ENTITY_CODER - 100)
public class BrokenBody implements ReaderInterceptor {

    private final BodiesUnderWay underWay;
    private final SecurityIdentity caller;

    BrokenBody(BodiesUnderWay underWay, SecurityIdentity caller) {
        this.underWay = underWay;
        this.caller = caller;
    }

    @Override
    public Object aroundReadFrom(ReaderInterceptorContext context) throws IOException {
        context.setInputStream(
                new Incoming(context.getInputStream(), caller.getPrincipal().getName()));
        return context.proceed();
    }

    /** What fails here fails on the way from the sender. */
    private final class Incoming extends FilterInputStream {

        private final String from;

        Incoming(InputStream sent, String from) {
            super(sent);
            this.from = from;
        }

        @Override
        public int read() throws IOException {
            return told(in::read);
        }

        @Override
        public int read(byte[] part, int offset, int length) throws IOException {
            return told(() -> in.read(part, offset, length));
        }

        private int told(Reading reading) {
            if (!underWay.begin(from)) {
                throw new ProblemException(Problem.of(
                        503,
                        "Too many bodies",
                        "too many bodies of yours are on their way at once; repeat the request"));
            }
            try {
                return reading.read();
            } catch (IOException e) {
                throw new ProblemException(Problem.of(
                        400, "Broken body", "the body broke off, came too slowly or is not cut as its header says"));
            } finally {
                underWay.end(from);
            }
        }
    }

    private interface Reading {
        int read() throws IOException;
    }
}
