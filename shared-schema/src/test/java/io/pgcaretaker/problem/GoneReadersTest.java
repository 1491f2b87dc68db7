package io.pgcaretaker.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class GoneReadersTest {

    private final GoneReaders filter = new GoneReaders();

    private static LogRecord line(String logger, Throwable thrown) {
        LogRecord line =
                new LogRecord(Level.SEVERE, "Exception in SSE server handling, impossible to send it to client");
        line.setLoggerName(logger);
        line.setThrown(thrown);
        return line;
    }

    @Test
    void whoHasGoneIsNotToldOfAndWhatWentWrongIs() {
        String streams = "org.jboss.resteasy.reactive.server.handlers.PublisherResponseHandler";

        assertThat(filter.isLoggable(line(streams, new ClosedChannelException())))
                .isFalse();
        assertThat(filter.isLoggable(line(streams, new IOException("Connection reset by peer"))))
                .as("without a farewell, as when the machine or the network of thousands goes")
                .isFalse();
        assertThat(filter.isLoggable(line(streams, new IOException("database away"))))
                .isTrue();
        assertThat(filter.isLoggable(line("io.pgcaretaker.Other", new ClosedChannelException())))
                .isTrue();
    }

    /** 83 lines of trace for each reader that did not read and went, as when a proxy with many of them ends. */
    @Test
    void whatWasOnItsWayToOneThatDidNotReadIsNotToldOf() {
        String logger = "io.netty.channel.AbstractChannelHandlerContext";
        LogRecord released = new LogRecord(
                Level.WARNING,
                "Failed to mark a promise as failure because it has failed already: DefaultChannelPromise@3fe759cf(failure:"
                        + " io.netty.channel.StacklessClosedChannelException), unnotified cause:"
                        + " io.netty.channel.StacklessClosedChannelException\n: refCnt: 0, decrement: 1");
        released.setLoggerName(logger);

        assertThat(filter.isLoggable(released)).isFalse();
        assertThat(filter.isLoggable(line(logger, new IOException("An exception was thrown by a handler"))))
                .isTrue();
    }
}
