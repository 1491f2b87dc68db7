package io.pgcaretaker.cli.up;

import io.pgcaretaker.cli.local.Secrets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What each service is told, through its environment only: arguments are there for every user of the machine to read.
 * All else in the person's environment passes through.
 */
record ServiceEnvironment(Settings settings, Secrets secrets, PortPlan ports, String databaseUrl, boolean sample) {

    Map<String, String> of(Service service) {
        Map<String, String> environment = new LinkedHashMap<>(settings.withDefaults(Map.of(
                "CLEANUP_MODE",
                sample ? "enforce" : "shadow",
                "ALERT_EMAIL",
                "operator@example.com",
                "APP_URL",
                url(Port.MONITORING))));
        if (settings.get("EMAIL_FROM").isEmpty()) {
            environment.putAll(settings.withDefaults(Map.of("FROM_EMAIL", "Caretaker <caretaker@example.com>")));
        }
        for (Service any : Service.values()) {
            // Nobody's business but that service's own.
            environment.put(databaseUrlVariable(any), "");
        }
        environment.put("DATABASE_URL", databaseUrl(service));
        environment.put("CARETAKER_API_KEYS", apiKeys());
        environment.put("CARETAKER_SERVICE_KEY", secrets.serviceKey());
        environment.put("MONITORING_URL", url(Port.MONITORING));
        environment.put("CLEANUP_URL", url(Port.CLEANUP));
        environment.put("EMAIL_URL", url(Port.EMAIL));
        environment.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        environment.put("QUARKUS_HTTP_PORT", String.valueOf(ports.of(service.http())));
        environment.put("QUARKUS_MANAGEMENT_HOST", "127.0.0.1");
        environment.put("QUARKUS_MANAGEMENT_PORT", String.valueOf(ports.of(service.management())));
        environment.putAll(settings.absoluteFiles());
        if (settings.catchesMail()) {
            environment.put("SMTP_URL", smtpUrl());
            environment.put("RESEND_API_KEY", "");
        }
        return environment;
    }

    /** With a database of the person's own, each service may have a role of its own there. */
    private String databaseUrl(Service service) {
        return sample
                ? databaseUrl
                : settings.databaseUrl(databaseUrlVariable(service)).orElse(databaseUrl);
    }

    private static String databaseUrlVariable(Service service) {
        return service.name() + "_DATABASE_URL";
    }

    /** Keys of the person's own stay valid beside those of this machine. */
    private String apiKeys() {
        String own = settings.get("CARETAKER_API_KEYS").map(keys -> keys + "\n").orElse("");
        return own + "caretaker-local:operator+sender+reporter:" + secrets.apiKey()
                + "\ncaretaker-service:sender+viewer:" + secrets.serviceKey();
    }

    String smtpUrl() {
        return "smtp://127.0.0.1:" + ports.of(Port.SMTP) + "?starttls=disabled";
    }

    String url(Port port) {
        return "http://127.0.0.1:" + ports.of(port);
    }
}
