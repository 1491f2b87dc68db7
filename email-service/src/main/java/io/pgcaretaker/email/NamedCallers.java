package io.pgcaretaker.email;

import io.pgcaretaker.access.ApiKeys;
import io.pgcaretaker.startup.WrongSetting;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Set;

/** A limit for a caller that nobody is leaves somebody without one: with a slip in its name, a key may name any sender. */
@Singleton
class NamedCallers {

    private final EmailConfig config;
    private final ApiKeys keys;

    NamedCallers(EmailConfig config, ApiKeys keys) {
        this.config = config;
        this.keys = keys;
    }

    void onStart(@Observes StartupEvent event) {
        try {
            require("senders", config.senders().keySet());
            require("rates.keys", config.rates().keys().keySet());
        } catch (IllegalArgumentException e) {
            throw WrongSetting.because(e);
        }
    }

    private void require(String setting, Set<String> named) {
        for (String name : named) {
            if (!keys.names().contains(name)) {
                throw new IllegalArgumentException("caretaker.email." + setting + ".\"" + name
                        + "\" must name an API key of CARETAKER_API_KEYS or CARETAKER_API_KEYS_FILE, and there is none of"
                        + " that name");
            }
        }
    }
}
