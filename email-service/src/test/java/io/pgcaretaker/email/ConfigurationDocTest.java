package io.pgcaretaker.email;

import io.pgcaretaker.testing.ConfigurationDocContract;
import java.util.List;

class ConfigurationDocTest extends ConfigurationDocContract {

    @Override
    protected String section() {
        return "email-service";
    }

    @Override
    protected List<Class<?>> mappings() {
        return List.of(EmailConfig.class);
    }
}
