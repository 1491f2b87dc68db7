package io.pgcaretaker.problem;

import io.quarkus.logging.LoggingFilter;
import java.nio.channels.ClosedChannelException;
import java.util.logging.Filter;
import java.util.logging.LogRecord;

/** Who listened to a stream of events and closed the window is no error: there was one in the log for each event on its way. */
@LoggingFilter(name = "gone-readers")
public final class GoneReaders implements Filter {

    private static final String STREAMS = "org.jboss.resteasy.reactive.server.handlers.PublisherResponseHandler";

    @Override
    public boolean isLoggable(LogRecord line) {
        return !(STREAMS.equals(line.getLoggerName()) && line.getThrown() instanceof ClosedChannelException);
    }
}
