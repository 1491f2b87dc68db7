package io.pgcaretaker.email.smtp;

import java.io.IOException;
import java.util.List;

/**
 * A server that is ready for mail. What can go out together does (RFC 2920): the envelope with DATA, then the mail; two
 * round trips a mail.
 */
final class SmtpSession {

    private final SmtpWire wire;
    private final boolean pipelining;
    private final long mostBytes;

    SmtpSession(SmtpWire wire, List<String> offers) {
        this.wire = wire;
        this.pipelining = offers.contains("PIPELINING");
        this.mostBytes = mostBytes(offers);
    }

    /** RFC 1870: absent or 0 means that the server does not say. */
    private static long mostBytes(List<String> offers) {
        for (String offer : offers) {
            if (offer.matches("SIZE [0-9]{1,18}") && Long.parseLong(offer.substring(5)) > 0) {
                return Long.parseLong(offer.substring(5));
            }
        }
        return Long.MAX_VALUE;
    }

    boolean takes(MimeMail mail) {
        return mail.isAtMost(mostBytes);
    }

    /**
     * Says one mail; what came of it is in the progress.
     *
     * @return false when nothing more can be said over this connection
     */
    boolean send(MimeMail mail, Progress progress) throws IOException {
        progress.at(Stage.MAIL);
        String from = "MAIL FROM:<" + mail.from() + ">";
        String to = "RCPT TO:<" + mail.recipient() + ">";
        boolean data;
        if (pipelining) {
            wire.say(from);
            wire.say(to);
            wire.say("DATA");
            wire.flush();
            hear(Stage.MAIL, progress);
            hear(Stage.RCPT, progress);
            data = !hear(Stage.DATA, progress).isRefusal();
        } else {
            data = ask(from, Stage.MAIL, progress)
                    && ask(to, Stage.RCPT, progress)
                    && ask("DATA", Stage.DATA, progress);
        }
        if (progress.isRefused()) {
            return data ? takeBack() : reset();
        }
        return content(mail, progress);
    }

    private boolean ask(String command, Stage stage, Progress progress) throws IOException {
        progress.at(stage);
        wire.say(command);
        wire.flush();
        return !hear(stage, progress).isRefusal();
    }

    /** A server that closes says nothing more. */
    private Reply hear(Stage stage, Progress progress) throws IOException {
        progress.at(stage);
        Reply reply = wire.hear();
        if (reply.isRefusal()) {
            progress.refused(reply);
            if (reply.code() == Progress.CLOSING) {
                throw new IOException("the server closes");
            }
        }
        return reply;
    }

    /** The server asks for a mail to nobody: it gets none, and must refuse that. */
    private boolean takeBack() throws IOException {
        wire.say(".");
        wire.flush();
        return wire.hear().isRefusal() && reset();
    }

    private boolean reset() throws IOException {
        wire.say("RSET");
        wire.flush();
        return !wire.hear().isRefusal();
    }

    private boolean content(MimeMail mail, Progress progress) throws IOException {
        progress.at(Stage.BODY);
        mail.writeTo(wire.out());
        if (mail.isExpired()) {
            // Without the last dot the server has nothing; it may have been slow for half a minute.
            throw new IOException("it expired before its last dot");
        }
        progress.at(Stage.END_OF_DATA);
        wire.say(".");
        wire.flush();
        Reply reply = wire.hear();
        if (reply.isRefusal()) {
            progress.refused(reply);
            return reply.code() != Progress.CLOSING;
        }
        progress.accepted(reply);
        return true;
    }
}
