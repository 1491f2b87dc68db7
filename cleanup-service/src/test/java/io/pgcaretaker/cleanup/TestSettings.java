package io.pgcaretaker.cleanup;

import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The real configuration with defaults, and some of it changed. */
public final class TestSettings {

    private TestSettings() {}

    /** Keys without the prefix {@code caretaker.cleanup.}; fast and impatient, as tests want it. */
    public static CleanupConfig with(Map<String, String> changes) {
        Map<String, String> values = new HashMap<>();
        values.put("caretaker.cleanup.mode", "enforce");
        values.put("caretaker.cleanup.nice", "0");
        changes.forEach((key, value) -> values.put("caretaker.cleanup." + key, value));
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withConverter(Duration.class, 200, new DurationConverter())
                .withConverter(MemorySize.class, 200, new MemorySizeConverter())
                .withMapping(CleanupConfig.class)
                .withDefaultValues(values)
                .build()
                .getConfigMapping(CleanupConfig.class);
    }
}
