package io.pgcaretaker.access;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What a caller may do. The constants are for {@code @RolesAllowed}, which takes only compile-time strings. */
public enum Role {
    /** Reads everything but what a mail says. */
    VIEWER,
    /** Starts, stops, approves, acknowledges; may also read. */
    OPERATOR,
    /** Hands in mail and follows it. */
    SENDER,
    /** Reports security events. */
    REPORTER;

    public static final String VIEWER_ROLE = "viewer";
    public static final String OPERATOR_ROLE = "operator";
    public static final String SENDER_ROLE = "sender";
    public static final String REPORTER_ROLE = "reporter";

    /** The name in configuration and in {@code @RolesAllowed}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** This role and those it includes. */
    Set<Role> withIncluded() {
        return this == OPERATOR ? EnumSet.of(OPERATOR, VIEWER) : EnumSet.of(this);
    }

    static Role parse(String text) {
        return Arrays.stream(values())
                .filter(role -> role.wireName().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("role must be one of "
                        + Arrays.stream(values()).map(Role::wireName).collect(Collectors.joining(", "))
                        + ", but is '" + text + "'"));
    }
}
