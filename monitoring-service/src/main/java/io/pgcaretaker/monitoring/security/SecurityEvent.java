package io.pgcaretaker.monitoring.security;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An event as it is kept. */
record SecurityEvent(
        Instant occurredAt,
        String event,
        Level level,
        @Nullable String application,
        @Nullable String accountHash,
        @Nullable String addressHash,
        @Nullable String network,
        @Nullable String requestMethod,
        @Nullable String requestPath) {}
