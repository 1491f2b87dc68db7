package io.pgcaretaker.monitoring.alert;

import java.util.Locale;

/** How bad. */
public enum Severity {
    WARNING,
    CRITICAL;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
