package io.pgcaretaker.cleanup;

import io.pgcaretaker.testing.ConfigurationDocContract;
import java.util.List;

class ConfigurationDocTest extends ConfigurationDocContract {

    @Override
    protected String section() {
        return "cleanup-service";
    }

    @Override
    protected List<Class<?>> mappings() {
        return List.of(CleanupConfig.class);
    }
}
