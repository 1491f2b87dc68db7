package io.pgcaretaker.database;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Turns {@code DATABASE_URL} into the default datasource's settings.
 *
 * <p>A missing or wrong value yields no settings here and is reported by {@link DatabaseConfig}'s validation, which
 * knows how to say it; this class also runs during the build, where no database is named.
 */
public final class DatabaseUrlConfigSourceFactory implements ConfigSourceFactory {

    /** Above application.properties (250), below the environment (300): QUARKUS_DATASOURCE_* still wins. */
    private static final int ORDINAL = 270;

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        ConfigValue value = context.getValue("DATABASE_URL");
        if (value == null || value.getValue() == null || value.getValue().isBlank()) {
            return List.of();
        }
        DatabaseUrl url;
        try {
            url = DatabaseUrl.parse(value.getValue());
        } catch (IllegalArgumentException e) {
            return List.of();
        }
        Map<String, String> settings = new HashMap<>();
        settings.put("quarkus.datasource.jdbc.url", url.jdbcUrl());
        if (url.username() != null) {
            settings.put("quarkus.datasource.username", url.username());
        }
        if (url.password() != null) {
            settings.put("quarkus.datasource.password", escapeExpressions(url.password()));
        }
        return List.of(new PropertiesConfigSource(settings, "DATABASE_URL", ORDINAL));
    }

    /** A password may hold "${"; configuration would take it for an expression. */
    private static String escapeExpressions(String value) {
        return value.replace("\\", "\\\\")
                .replace("$", "$$")
                .replace("$${", "\\${")
                .replace("$$", "$");
    }
}
