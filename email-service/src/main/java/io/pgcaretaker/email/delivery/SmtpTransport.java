package io.pgcaretaker.email.delivery;

import io.vertx.core.Vertx;
import io.vertx.ext.mail.LoginOption;
import io.vertx.ext.mail.MailClient;
import io.vertx.ext.mail.MailConfig;
import io.vertx.ext.mail.MailMessage;
import io.vertx.ext.mail.MailResult;
import io.vertx.ext.mail.StartTLSOptions;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * SMTP through the mail client of quarkus-mailer: one connection, one recipient a mail, no pipelining, and whatever
 * ends badly ends with the connection. See docs/decisions/0010-mail-transport.md.
 */
final class SmtpTransport implements Transport {

    private static final Duration CONNECT_DEADLINE = Duration.ofSeconds(10);
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(60);

    private final Vertx vertx;
    private final SmtpSettings settings;
    private final Duration deadline;
    private @Nullable Line line;

    SmtpTransport(Vertx vertx, SmtpSettings settings, Duration deadline) {
        this.vertx = vertx;
        this.settings = settings;
        this.deadline = deadline;
    }

    /** What EHLO says: looked up once, not at every new connection. */
    private static final class OwnHost {
        static final String NAME = name();

        private static String name() {
            try {
                return InetAddress.getLocalHost().getCanonicalHostName();
            } catch (UnknownHostException e) {
                return "localhost";
            }
        }
    }

    /** A client with its only connection. */
    private record Line(WireTap tap, MailClient client) {}

    @Override
    public SendOutcome send(OutgoingMail mail) throws InterruptedException {
        MailMessage message;
        try {
            message = MimeMail.of(mail);
        } catch (RuntimeException e) {
            return new SendOutcome.Failed(Stage.MAIL, SendOutcome.ours("the mail cannot be encoded", e), false);
        }
        Line open = line();
        Conversation conversation = open.tap().begin();
        Throwable failure = null;
        try {
            CompletableFuture<MailResult> result =
                    open.client().sendMail(message).toCompletionStage().toCompletableFuture();
            result.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            failure = e.getCause();
        } catch (TimeoutException e) {
            failure = new TimeoutException("smtp.send: cancelled after " + deadline.toMillis() + " ms");
        } catch (InterruptedException e) {
            close();
            throw e;
        } catch (RuntimeException e) {
            failure = e;
        }
        SendOutcome outcome = OutcomePolicy.outcome(conversation.snapshot(), failure);
        if (failure != null) {
            close();
        }
        return outcome;
    }

    private Line line() {
        Line known = line;
        if (known == null) {
            WireTap tap = new WireTap(vertx);
            known = new Line(tap, MailClient.create(tap.vertx(), config()));
            line = known;
        }
        return known;
    }

    private MailConfig config() {
        MailConfig config = new MailConfig()
                .setHostname(settings.host().replaceAll("[\\[\\]]", ""))
                .setPort(settings.port())
                .setSsl(settings.implicitTls())
                .setStarttls(StartTLSOptions.valueOf(settings.startTls().name()))
                .setMaxPoolSize(1)
                .setKeepAlive(true)
                .setKeepAliveTimeout((int) KEEP_ALIVE.toSeconds())
                .setPipelining(false)
                .setAllowRcptErrors(false)
                .setLogin(settings.user() == null ? LoginOption.DISABLED : LoginOption.REQUIRED);
        if (settings.user() != null) {
            config.setUsername(settings.user()).setPassword(settings.password());
        }
        config.setOwnHostname(OwnHost.NAME);
        config.setConnectTimeout((int) CONNECT_DEADLINE.toMillis());
        return config;
    }

    /** The socket first: the client would wait for an answer to QUIT. */
    @Override
    public void close() {
        Line known = line;
        line = null;
        if (known != null) {
            known.tap().close();
            known.client().close();
        }
    }
}
