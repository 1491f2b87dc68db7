package io.pgcaretaker.startup;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.net.URI;
import java.util.Map;
import org.eclipse.microprofile.config.Config;

/** Where the other services are, as far as this one asks them: an address that cannot be one was found out at each call. */
@Singleton
class NeighbourAddresses {

    private static final Map<String, String> VARIABLES = Map.of(
            "quarkus.rest-client.email-service.url", "EMAIL_URL",
            "quarkus.rest-client.email-status.url", "EMAIL_URL",
            "quarkus.rest-client.cleanup-status.url", "CLEANUP_URL",
            "quarkus.rest-client.monitoring-latency.url", "MONITORING_URL");

    private final Config config;

    NeighbourAddresses(Config config) {
        this.config = config;
    }

    void onStart(@Observes StartupEvent event) {
        VARIABLES.forEach((property, variable) -> {
            if (!config.getOptionalValue(property, String.class)
                    .map(NeighbourAddresses::canBeCalled)
                    .orElse(true)) {
                // Without the value: a password may be in it.
                throw WrongSetting.because(
                        new IllegalArgumentException(variable + " must be an address such as http://host:port"));
            }
        });
    }

    /** A name with an underscore, as containers have, is no host of a URI, and an authority. */
    static boolean canBeCalled(String address) {
        try {
            URI uri = URI.create(address);
            String scheme = uri.getScheme();
            return uri.getRawAuthority() != null
                    && ("http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
