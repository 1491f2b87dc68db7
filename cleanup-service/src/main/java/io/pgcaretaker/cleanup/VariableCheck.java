package io.pgcaretaker.cleanup;

import io.pgcaretaker.startup.UnknownVariables;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/** Says at the start which environment variables have no effect. */
@Singleton
final class VariableCheck {

    void onStart(@Observes StartupEvent event) {
        UnknownVariables.warn(CleanupConfig.class);
    }
}
