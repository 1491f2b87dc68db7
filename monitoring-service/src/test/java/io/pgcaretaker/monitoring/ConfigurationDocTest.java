package io.pgcaretaker.monitoring;

import io.pgcaretaker.testing.ConfigurationDocContract;
import java.util.List;

class ConfigurationDocTest extends ConfigurationDocContract {

    @Override
    protected String section() {
        return "monitoring-service";
    }

    @Override
    protected List<Class<?>> mappings() {
        return List.of(MonitoringConfig.class);
    }
}
