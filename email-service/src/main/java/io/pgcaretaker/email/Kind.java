package io.pgcaretaker.email;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/** What sort of mail it is: decides how long it may wait and what becomes of an attempt whose outcome is not known. */
public enum Kind {
    PLAIN("plain", OnUnknown.RESEND, false),
    WELCOME("welcome", OnUnknown.RESEND, false),
    PASSWORD_RESET("password-reset", OnUnknown.RESEND, true),
    /** Its link restores an account. */
    DELETION_NOTICE("deletion-notice", OnUnknown.HOLD, true),
    ALERT("alert", OnUnknown.RESEND, false),
    INCIDENT("incident", OnUnknown.RESEND, false),
    /** Incidents and alerts over a human's budget: better twice than never. */
    ALERT_DIGEST("alert-digest", OnUnknown.RESEND, false),
    DAILY_DIGEST("daily-digest", OnUnknown.HOLD, false),
    WEEKLY_DIGEST("weekly-digest", OnUnknown.HOLD, false),
    RUN_REPORT("run-report", OnUnknown.HOLD, false),
    DATABASE_REPORT("database-report", OnUnknown.HOLD, false),
    TEST("test", OnUnknown.RESEND, false);

    /** After a crash or a lost connection between the mail's last byte and the server's answer. */
    public enum OnUnknown {
        /** Better twice than never. */
        RESEND,
        /** Better never than twice: stays unknown until an operator decides. */
        HOLD
    }

    private final String wireName;
    private final OnUnknown onUnknown;
    private final boolean secret;

    Kind(String wireName, OnUnknown onUnknown, boolean secret) {
        this.wireName = wireName;
        this.onUnknown = onUnknown;
        this.secret = secret;
    }

    /** {@code plain} or the template's name. */
    public String wireName() {
        return wireName;
    }

    public OnUnknown onUnknown() {
        return onUnknown;
    }

    /** True when its variables hold a credential, which is sealed and never shown. */
    public boolean isSecret() {
        return secret;
    }

    public Duration expiry(EmailConfig.Expiry expiry) {
        return switch (this) {
            case PLAIN -> expiry.plain();
            case WELCOME -> expiry.welcome();
            case PASSWORD_RESET -> expiry.passwordReset();
            case DELETION_NOTICE -> expiry.deletionNotice();
            case ALERT -> expiry.alert();
            case INCIDENT -> expiry.incident();
            case ALERT_DIGEST, DAILY_DIGEST, WEEKLY_DIGEST -> expiry.digest();
            case RUN_REPORT, DATABASE_REPORT -> expiry.runReport();
            case TEST -> expiry.test();
        };
    }

    public static Optional<Kind> ofTemplate(String name) {
        return Arrays.stream(values())
                .filter(kind -> kind != PLAIN && kind.wireName.equals(name))
                .findFirst();
    }

    public static Kind ofWireName(String name) {
        return Arrays.stream(values())
                .filter(kind -> kind.wireName.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no kind of mail is called " + name));
    }
}
