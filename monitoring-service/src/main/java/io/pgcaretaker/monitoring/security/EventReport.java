package io.pgcaretaker.monitoring.security;

import com.fasterxml.jackson.annotation.JsonAlias;
import java.time.OffsetDateTime;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * One event as the application reports it: OWASP's field names, and the common ones for the same.
 *
 * <p>What is taken and not kept, because it is personal and nothing here needs it: description, user agent, host names,
 * region, place, and the query of a URI.
 *
 * @param event a name of the vocabulary
 * @param datetime with an offset; absent means now
 * @param account who it is about; kept as a keyed hash
 * @param sourceIp where it came from; kept as a keyed hash and its network
 */
@Schema(name = "EventReport")
public record EventReport(
        @JsonAlias({"type", "eventType", "event_type", "name"}) @Nullable
        String event,

        @JsonAlias({"timestamp", "occurredAt", "occurred_at"}) @Nullable
        OffsetDateTime datetime,

        @JsonAlias("severity") @Nullable String level,
        @JsonAlias({"application", "app"}) @Nullable String appid,

        @JsonAlias({"user", "userId", "user_id", "username", "email"}) @Nullable
        String account,

        @JsonAlias({"source_ip", "ip", "ipAddress", "ip_address", "remoteAddress"}) @Nullable
        String sourceIp,

        @JsonAlias({"request_method", "method"}) @Nullable String requestMethod,

        @JsonAlias({"request_uri", "path", "url", "endpoint"}) @Nullable
        String requestUri,

        @JsonAlias({"details", "message"}) @Nullable Object description,
        @JsonAlias({"userAgent", "user_agent"}) @Nullable String useragent,
        @JsonAlias("host_ip") @Nullable String hostIp,
        @Nullable String hostname,
        @Nullable String protocol,
        @Nullable String port,
        @Nullable String region,
        @Nullable String geo) {}
