package io.pgcaretaker.startup;

import io.pgcaretaker.access.AccessConfig;
import io.pgcaretaker.database.DatabaseConfig;
import io.pgcaretaker.testing.ConfigurationDocContract;
import java.util.List;

class ConfigurationDocTest extends ConfigurationDocContract {

    @Override
    protected String section() {
        return "All services";
    }

    @Override
    protected List<Class<?>> mappings() {
        return List.of(DatabaseConfig.class, AccessConfig.class);
    }

    @Override
    protected String propertiesFile() {
        return "META-INF/microprofile-config.properties";
    }
}
