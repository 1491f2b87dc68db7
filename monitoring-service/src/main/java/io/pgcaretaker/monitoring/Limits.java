package io.pgcaretaker.monitoring;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where "too much" begins: the same for the public answer and for the alerts.
 *
 * @param storageBytes how large the database may become; absent when nobody said
 */
public record Limits(
        int connectionsPercent,
        Duration longQuery,
        int storagePercent,
        @Nullable Long storageBytes,
        int failedAuthentications,
        Duration failedAuthenticationsWindow) {

    public static Limits of(MonitoringConfig config) {
        MonitoringConfig.Alerts alerts = config.alerts();
        return new Limits(
                alerts.connectionsPercent(),
                alerts.longQuery(),
                alerts.storagePercent(),
                config.storageLimit().map(limit -> limit.asLongValue()).orElse(null),
                alerts.failedAuthentications(),
                alerts.failedAuthenticationsWindow());
    }
}
