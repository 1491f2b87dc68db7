package io.pgcaretaker.problem;

import io.quarkus.logging.LoggingFilter;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.Set;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

/** Who listened to a stream of events and closed the window is no error: there was one in the log for each event on its way. */
@LoggingFilter(name = "gone-readers")
public final class GoneReaders implements Filter {

    private static final String STREAMS = "org.jboss.resteasy.reactive.server.handlers.PublisherResponseHandler";

    private static final String CHANNELS = "io.netty.channel.AbstractChannelHandlerContext";

    /** As the system says of a connection that its other end has given up. */
    private static final Set<String> GONE = Set.of("Connection reset by peer", "Connection reset", "Broken pipe");

    @Override
    public boolean isLoggable(LogRecord line) {
        return !(STREAMS.equals(line.getLoggerName()) && hasGone(line.getThrown())) && !wroteToOneThatHasGone(line);
    }

    /** Whoever does not read, and ends so, leaves events on their way: Netty releases each twice, and warns of it with a trace. */
    private static boolean wroteToOneThatHasGone(LogRecord line) {
        return CHANNELS.equals(line.getLoggerName())
                && String.valueOf(line.getMessage())
                        .startsWith("Failed to mark a promise as failure because it has failed");
    }

    /** Whom we call ourselves, or a file, fails inside of another exception, or with other words. */
    static boolean hasGone(@Nullable Throwable e) {
        return e instanceof ClosedChannelException
                || (e instanceof IOException && GONE.contains(String.valueOf(e.getMessage())));
    }
}
