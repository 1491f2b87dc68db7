package io.pgcaretaker.email.smtp;

import io.pgcaretaker.email.dkim.DkimSigners;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * SMTP over one connection that is kept between mails, one recipient a mail; whatever ends badly ends with the
 * connection. See docs/decisions/0011-smtp-of-our-own.md.
 */
public final class SmtpTransport implements Transport {

    private final SmtpSettings settings;
    private final EhloName name;
    private final DkimSigners signers;
    private final Duration deadline;
    private final ScheduledExecutorService clock;
    private volatile @Nullable Socket socket;
    private @Nullable SmtpSession session;

    /** The clock closes the socket of a conversation that takes too long: no read or write outlives that. */
    public SmtpTransport(
            SmtpSettings settings,
            EhloName name,
            DkimSigners signers,
            Duration deadline,
            ScheduledExecutorService clock) {
        this.settings = settings;
        this.name = name;
        this.signers = signers;
        this.deadline = deadline;
        this.clock = clock;
    }

    @Override
    public SendOutcome send(OutgoingMail outgoing) throws InterruptedException {
        MimeMail mail;
        try {
            mail = MimeMail.of(outgoing, signers);
        } catch (RuntimeException e) {
            return new SendOutcome.Failed(Stage.MAIL, SendOutcome.ours("the mail cannot be encoded", e), false);
        }
        Attempt attempt = new Attempt();
        ScheduledFuture<?> end = clock.schedule(attempt::giveUp, deadline.toMillis(), TimeUnit.MILLISECONDS);
        SendOutcome outcome = attempt.run(mail);
        end.cancel(false);
        if (Thread.interrupted()) {
            close();
            throw new InterruptedException("told to stop");
        }
        return outcome;
    }

    private final class Attempt {
        private Progress progress = new Progress();
        private volatile boolean givenUp;

        void giveUp() {
            givenUp = true;
            closeSocket();
        }

        SendOutcome run(MimeMail mail) {
            Throwable failure = null;
            try {
                if (!converse(mail)) {
                    close();
                }
            } catch (TooLargeException e) {
                return OutcomePolicy.tooLarge();
            } catch (IOException | RuntimeException e) {
                failure =
                        givenUp ? new TimeoutException("smtp.send: cancelled after " + deadline.toMillis() + " ms") : e;
                close();
            }
            return OutcomePolicy.outcome(progress.snapshot(), failure);
        }

        private boolean converse(MimeMail mail) throws IOException, TooLargeException {
            SmtpSession known = session;
            if (known != null) {
                try {
                    return say(known, mail);
                } catch (IOException e) {
                    if (!progress.isUnheard() || givenUp) {
                        throw e;
                    }
                    // The server ended an idle connection; a server that is at fault says so again to a new one.
                    close();
                    progress = new Progress();
                }
            }
            SmtpSession fresh = new SmtpOpening(settings, name, progress, this::opened).open();
            session = fresh;
            return fresh != null && say(fresh, mail);
        }

        /** The deadline may have come while there was no socket to close. */
        private void opened(Socket fresh) {
            socket = fresh;
            if (givenUp) {
                closeSocket();
            }
        }

        private boolean say(SmtpSession open, MimeMail mail) throws IOException, TooLargeException {
            if (!open.takes(mail)) {
                throw new TooLargeException();
            }
            return open.send(mail, progress);
        }
    }

    /** Larger than the server says it takes: nothing was said. */
    private static final class TooLargeException extends Exception {}

    @Override
    public void close() {
        session = null;
        closeSocket();
    }

    private void closeSocket() {
        Socket open = socket;
        if (open == null) {
            return;
        }
        try {
            open.close();
        } catch (IOException e) {
            // It is closed all the same.
            socket = null;
        }
    }
}
