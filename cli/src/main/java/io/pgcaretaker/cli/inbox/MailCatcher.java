package io.pgcaretaker.cli.inbox;

import com.icegreen.greenmail.mail.MailAddress;
import com.icegreen.greenmail.mail.MovingMessage;
import com.icegreen.greenmail.user.GreenMailUser;
import com.icegreen.greenmail.user.UserManager;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.pgcaretaker.cli.local.CannotException;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.List;
import java.util.stream.Collectors;

/** Takes every mail by SMTP, delivers none, and shows them over HTTP; both on 127.0.0.1. */
public final class MailCatcher implements AutoCloseable {

    private static final int MOST_MAILS = 1_000;

    /** A quarter of the launcher's heap. */
    private static final long MOST_BYTES = 32L << 20;

    private final GreenMail smtp;
    private final InboxServer http;

    private MailCatcher(GreenMail smtp, InboxServer http) {
        this.smtp = smtp;
        this.http = http;
    }

    public static MailCatcher start(int smtpPort, int httpPort, Clock clock) {
        Inbox inbox = new Inbox(MOST_MAILS, MOST_BYTES);
        GreenMail smtp = new GreenMail(new ServerSetup(smtpPort, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        UserManager users = smtp.getUserManager();
        users.setAuthRequired(false);
        MailParser parser = new MailParser(clock);
        users.setMessageDeliveryHandler((message, recipient) -> new ToInbox(parser, inbox, recipient));
        try {
            smtp.start();
            return new MailCatcher(smtp, InboxServer.start(httpPort, inbox));
        } catch (IOException | IllegalStateException e) {
            smtp.stop();
            throw new CannotException("the mail catcher does not start: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        http.close();
        smtp.stop();
    }

    /** GreenMail delivers once a recipient and keeps all for ever; this keeps one mail, and not for ever. */
    private record ToInbox(MailParser parser, Inbox inbox, MailAddress recipient) implements GreenMailUser {

        @Override
        public void deliver(MovingMessage message) {
            List<String> recipients = message.getToAddresses().stream()
                    .map(MailAddress::getEmail)
                    .sorted()
                    .collect(Collectors.toList());
            if (recipients.get(0).equals(recipient.getEmail())) {
                keep(message.getMessage(), recipients);
            }
        }

        @Override
        public void deliver(MimeMessage message) {
            keep(message, List.of(recipient.getEmail()));
        }

        private void keep(MimeMessage message, List<String> recipients) {
            try {
                inbox.add(parser.parse(message, recipients));
            } catch (MessagingException e) {
                throw new IllegalStateException("a mail cannot be read", e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public String getEmail() {
            return recipient.getEmail();
        }

        @Override
        public String getLogin() {
            return recipient.getEmail();
        }

        @Override
        public String getQualifiedMailboxName() {
            return recipient.getEmail();
        }

        @Override
        public String getPassword() {
            return "";
        }

        @Override
        public void setPassword(String password) {
            // There is nothing to log in to.
        }

        @Override
        public void authenticate(String password) {
            // Everybody may send.
        }

        @Override
        public void create() {
            // There is no mailbox.
        }

        @Override
        public void delete() {
            // There is no mailbox.
        }
    }
}
