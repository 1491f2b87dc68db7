package io.pgcaretaker.email;

import java.util.Optional;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/** Settings of quarkus-mailer that make a mailer say "sent" and send nothing. */
final class MailerSettings {

    private MailerSettings() {}

    /** Whoever sets one expects that no mail leaves; this service would send it all the same. */
    static Optional<String> fault() {
        Config config = ConfigProvider.getConfig();
        if (config.getOptionalValue("quarkus.mailer.mock", String.class)
                .orElse("false")
                .equals("true")) {
            return Optional.of("quarkus.mailer.mock must not be set: accepted mail would never be sent");
        }
        return config.getOptionalValue("quarkus.mailer.approved-recipients", String.class)
                .map(recipients -> "quarkus.mailer.approved-recipients must not be set:"
                        + " mail to others would be dropped and count as sent");
    }
}
