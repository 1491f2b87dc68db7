package io.pgcaretaker.cli.inbox;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The inbox as HTML without scripts; everything that a mail says is escaped. */
final class InboxPage {

    private static final String FRAME = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>%s</title><style>
            body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
            table { border-collapse: collapse; width: 100%%; }
            th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #ddd; vertical-align: top; }
            pre { background: #f6f6f6; padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
            iframe { width: 100%%; height: 32rem; border: 1px solid #ddd; }
            </style></head><body>
            %s
            </body></html>
            """;

    private InboxPage() {}

    static String list(List<Mail> mails) {
        String rows = mails.stream().map(InboxPage::row).collect(Collectors.joining("\n"));
        String table = mails.isEmpty()
                ? "<p>No mail yet.</p>"
                : "<table><thead><tr><th>Received</th><th>To</th><th>Subject</th></tr></thead><tbody>\n" + rows
                        + "\n</tbody></table>";
        return FRAME.formatted(
                "Inbox", "<h1>Inbox</h1>\n<p>Mail that Caretaker sent; it has not left this machine.</p>\n" + table);
    }

    private static String row(Mail mail) {
        return "<tr><td>%s</td><td>%s</td><td><a href=\"/messages/%s\">%s</a></td></tr>"
                .formatted(
                        mail.receivedAt(),
                        escape(String.join(", ", mail.to())),
                        mail.id(),
                        escape(mail.subject().isBlank() ? "(no subject)" : mail.subject()));
    }

    static String mail(Mail mail) {
        StringBuilder body = new StringBuilder("<p><a href=\"/\">Inbox</a></p>\n<h1>")
                .append(escape(mail.subject()))
                .append("</h1>\n<table><tbody>\n");
        for (Map.Entry<String, List<String>> header : mail.headers().entrySet()) {
            for (String value : header.getValue()) {
                body.append("<tr><th>%s</th><td>%s</td></tr>\n".formatted(escape(header.getKey()), escape(value)));
            }
        }
        body.append("</tbody></table>\n");
        if (mail.text() != null) {
            body.append("<h2>Text</h2>\n<pre>").append(escape(mail.text())).append("</pre>\n");
        }
        if (mail.html() != null) {
            body.append("<h2>HTML</h2>\n<iframe sandbox title=\"HTML of the mail\" src=\"/messages/")
                    .append(mail.id())
                    .append("/html\"></iframe>\n");
        }
        return FRAME.formatted(escape(mail.subject()), body);
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
