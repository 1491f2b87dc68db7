package io.pgcaretaker.email.alertmanager;

import io.pgcaretaker.email.template.AlertMail;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a mail shows of a group: the first alerts in full, the rest as a number. */
final class AlertMails {

    /** More than anybody reads in a mail; the link leads to all of them. */
    static final int SHOWN = 25;

    /** Annotations and labels are the rules' authors' own words, of any length; a mail that is too large would not be sent. */
    private static final int LONGEST_TEXT = 2_000;

    private AlertMails() {}

    static AlertMail of(Notification post) {
        List<Notification.Alert> firing =
                post.alerts().stream().filter(Notification.Alert::firing).toList();
        List<Notification.Alert> resolved =
                post.alerts().stream().filter(alert -> !alert.firing()).toList();
        int shown = Math.min(SHOWN, firing.size()) + Math.min(SHOWN, resolved.size());
        return new AlertMail(
                cut(title(post)),
                cut(post.receiver()),
                post.commonLabels().get("severity"),
                firing.size(),
                resolved.size(),
                lines(firing, post),
                lines(resolved, post),
                post.alerts().size() - shown + post.truncated(),
                post.link());
    }

    /** From the group's labels only, so that all mails of a thread are called the same. */
    private static String title(Notification post) {
        Map<String, String> labels = new TreeMap<>(post.groupLabels());
        String name = labels.remove("alertname");
        String rest = joined(labels, " ");
        String both = ((name == null ? "" : name) + " " + rest).strip();
        if (!both.isEmpty()) {
            return both;
        }
        String common = post.commonLabels().get("alertname");
        return common == null ? "alerts for " + post.receiver() : common;
    }

    private static List<AlertMail.Line> lines(List<Notification.Alert> alerts, Notification post) {
        return alerts.stream().limit(SHOWN).map(alert -> line(alert, post)).toList();
    }

    private static AlertMail.Line line(Notification.Alert alert, Notification post) {
        Map<String, String> own = new TreeMap<>(alert.labels());
        own.keySet().removeAll(post.groupLabels().keySet());
        own.remove("alertname");
        return new AlertMail.Line(
                cut(alert.labels().getOrDefault("alertname", "alert")),
                cutIfThere(alert.annotations().get("summary")),
                cutIfThere(alert.annotations().get("description")),
                cut(joined(own, ", ")),
                Notification.Alert.time(alert.startsAt()),
                alert.firing() ? null : Notification.Alert.time(alert.endsAt()),
                alert.source());
    }

    private static String joined(Map<String, String> labels, String separator) {
        return labels.entrySet().stream()
                .map(label -> label.getKey() + "=" + label.getValue())
                .collect(Collectors.joining(separator));
    }

    private static String cut(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + " …";
    }

    private static @Nullable String cutIfThere(@Nullable String text) {
        return text == null ? null : cut(text);
    }
}
