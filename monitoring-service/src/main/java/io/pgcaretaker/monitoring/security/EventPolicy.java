package io.pgcaretaker.monitoring.security;

import io.pgcaretaker.problem.Problem.FieldError;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Takes a reported event apart: what is wrong with it, or what is kept of it. */
final class EventPolicy {

    private static final Duration OLDEST = Duration.ofDays(31);

    /** Clocks differ. */
    private static final Duration AHEAD = Duration.ofMinutes(5);

    private static final int LONGEST_PATH = 200;
    private static final int LONGEST_ACCOUNT = 320;
    private static final Pattern APPLICATION = Pattern.compile("[A-Za-z0-9._ -]{1,100}");
    private static final Pattern METHOD = Pattern.compile("[A-Za-z]{1,10}");

    private final Vocabulary vocabulary;

    EventPolicy(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** Adds what is wrong to the errors, each under the event's place; a null when anything is. */
    @Nullable
    SecurityEvent read(EventReport report, String place, Pseudonyms pseudonyms, Instant now, List<FieldError> errors) {
        List<FieldError> own = new ArrayList<>();
        Optional<Vocabulary.Match> match = match(report.event(), place, own);
        Instant at = report.datetime() == null ? now : report.datetime().toInstant();
        if (at.isBefore(now.minus(OLDEST)) || at.isAfter(now.plus(AHEAD))) {
            own.add(new FieldError(
                    place + "datetime",
                    "must be within the last " + OLDEST.toDays() + " days and at most " + AHEAD.toMinutes()
                            + " minutes ahead"));
        }
        Optional<InetAddress> address = address(report.sourceIp(), place, own);
        check(report.appid(), APPLICATION, place + "appid", "must be 1 to 100 of A-Z a-z 0-9 . _ - and blanks", own);
        check(report.requestMethod(), METHOD, place + "request_method", "must be an HTTP method", own);
        Optional<Level> level = level(report.level(), place, own);
        String account = account(report, match);
        if (account != null && account.length() > LONGEST_ACCOUNT) {
            own.add(new FieldError(place + "account", "must have at most " + LONGEST_ACCOUNT + " characters"));
        }
        if (!own.isEmpty() || match.isEmpty()) {
            errors.addAll(own);
            return null;
        }
        Kind kind = match.get().kind();
        return new SecurityEvent(
                at,
                kind.term(),
                level.orElse(kind.level()),
                report.appid(),
                account == null ? null : pseudonyms.account(account),
                address.map(pseudonyms::address).orElse(null),
                address.map(Pseudonyms::network).orElse(null),
                report.requestMethod() == null ? null : report.requestMethod().toUpperCase(Locale.ROOT),
                path(report.requestUri()));
    }

    private Optional<Vocabulary.Match> match(@Nullable String event, String place, List<FieldError> errors) {
        Optional<Vocabulary.Match> match =
                event == null || event.length() > 1000 ? Optional.empty() : vocabulary.match(event);
        if (match.isEmpty()) {
            errors.add(new FieldError(
                    place + "event",
                    "must be a term of the OWASP logging vocabulary, such as authn_login_fail, or one of its aliases"));
        }
        return match;
    }

    private static @Nullable String account(EventReport report, Optional<Vocabulary.Match> match) {
        if (report.account() != null && !report.account().isBlank()) {
            return report.account();
        }
        return match.isEmpty() ? null : match.get().account();
    }

    private static Optional<InetAddress> address(@Nullable String text, String place, List<FieldError> errors) {
        if (text == null || text.isBlank()) {
            return Optional.empty();
        }
        Optional<InetAddress> address = Pseudonyms.parse(text);
        if (address.isEmpty()) {
            errors.add(new FieldError(place + "source_ip", "must be an IPv4 or IPv6 address"));
        }
        return address;
    }

    private static Optional<Level> level(@Nullable String text, String place, List<FieldError> errors) {
        if (text == null) {
            return Optional.empty();
        }
        Optional<Level> level = Level.parse(text);
        if (level.isEmpty()) {
            errors.add(new FieldError(place + "level", "must be info, warning or critical"));
        }
        return level;
    }

    private static void check(
            @Nullable String text, Pattern pattern, String field, String rule, List<FieldError> errors) {
        if (text != null && !pattern.matcher(text).matches()) {
            errors.add(new FieldError(field, rule));
        }
    }

    /** Without scheme, host and query, where the secrets are. */
    private static @Nullable String path(@Nullable String uri) {
        if (uri == null) {
            return null;
        }
        String path = uri.replaceFirst("^[A-Za-z][A-Za-z0-9+.-]*://[^/]*", "").replaceFirst("[?#].*", "");
        // PostgreSQL takes no NUL, and a log line no control characters.
        String clean = path.replaceAll("\\p{Cntrl}", "");
        return clean.length() > LONGEST_PATH ? clean.substring(0, LONGEST_PATH) : clean;
    }
}
