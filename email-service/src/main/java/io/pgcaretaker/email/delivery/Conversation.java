package io.pgcaretaker.email.delivery;

import org.jspecify.annotations.Nullable;

/**
 * What was said on the wire for one mail. The mail client's own word for a failure is not enough: it does not tell a
 * connection lost before the mail from one lost after the final dot, and does not keep the server's last reply.
 *
 * <p>Written by the event loop, read by the worker once it has given up or has its result.
 */
final class Conversation {

    private static final String END_OF_DATA = ".\r\n";
    private static final int LONGEST_LINE = 2_000;

    private Stage stage;
    private boolean inBody;
    private boolean closing;
    private @Nullable Reply refusal;
    private @Nullable Reply accepted;
    private final StringBuilder line = new StringBuilder();

    Conversation(boolean newConnection) {
        this.stage = newConnection ? Stage.CONNECT : Stage.RESET;
    }

    /** Where it stands. */
    record Snapshot(
            Stage stage, @Nullable Reply refusal, @Nullable Reply accepted) {}

    synchronized Snapshot snapshot() {
        return new Snapshot(stage, refusal, accepted);
    }

    synchronized void said(String text) {
        if (closing) {
            return;
        }
        if (inBody) {
            boolean end = text.equals(END_OF_DATA);
            stage = end ? Stage.END_OF_DATA : Stage.BODY;
            inBody = !end;
            return;
        }
        if (text.startsWith("QUIT")) {
            closing = true;
            return;
        }
        stage = stageOf(text);
        refusal = null;
    }

    private Stage stageOf(String command) {
        if (command.startsWith("EHLO") || command.startsWith("HELO")) {
            return Stage.EHLO;
        }
        if (command.startsWith("STARTTLS")) {
            return Stage.STARTTLS;
        }
        if (command.startsWith("RSET")) {
            return Stage.RESET;
        }
        if (command.startsWith("MAIL FROM:")) {
            return Stage.MAIL;
        }
        if (command.startsWith("RCPT TO:")) {
            return Stage.RCPT;
        }
        if (command.startsWith("DATA")) {
            return Stage.DATA;
        }
        return stage.compareTo(Stage.AUTH) <= 0 ? Stage.AUTH : stage;
    }

    synchronized void heard(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n') {
                endOfLine();
            } else if (c != '\r' && line.length() < LONGEST_LINE) {
                line.append(c);
            }
        }
    }

    private void endOfLine() {
        String text = line.toString();
        line.setLength(0);
        if (closing || (text.length() > 3 && text.charAt(3) == '-')) {
            return;
        }
        Reply reply = Reply.parse(text);
        if (reply.isRefusal()) {
            refusal = reply;
        } else if (stage == Stage.DATA) {
            inBody = true;
        } else if (stage == Stage.END_OF_DATA) {
            accepted = reply;
        }
    }
}
