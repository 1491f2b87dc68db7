package io.pgcaretaker.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * docs/configure.md says of each setting what the code says: no setting is missing there, none is invented, and
 * environment names and defaults are the real ones.
 */
public abstract class ConfigurationDocContract {

    private static final Pattern ROW =
            Pattern.compile("\\|\\s*`(caretaker\\.[^`]+)`\\s*\\|\\s*([^|]*?)\\s*\\|\\s*([^|]*?)\\s*\\|.*");
    private static final Pattern ENVIRONMENT = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*)(?::(.*))?}");
    private static final Pattern CODE = Pattern.compile("`([^`]*)`");

    /** A setting as code or document says it; the default is absent where the document may use words. */
    private record Setting(String environment, Optional<String> defaultValue) {}

    /** The {@code ##} heading of this module's table. */
    protected abstract String section();

    protected abstract List<Class<?>> mappings();

    /** The properties file that binds environment names. */
    protected String propertiesFile() {
        return "application.properties";
    }

    @Test
    void theTableNamesEverySettingAndNoOther() throws Exception {
        assertThat(documented().keySet()).isEqualTo(fromCode().keySet());
    }

    @Test
    void environmentNamesAndDefaultsAreTheRealOnes() throws Exception {
        Map<String, Setting> documented = documented();
        Map<String, Setting> code = fromCode();
        code.forEach((key, setting) -> {
            Setting row = documented.get(key);
            assertThat(row.environment()).as("environment of " + key).isEqualTo(setting.environment());
            setting.defaultValue()
                    .ifPresent(value -> assertThat(row.defaultValue())
                            .as("default of " + key)
                            .contains(value));
        });
    }

    private Map<String, Setting> documented() throws IOException {
        Map<String, Setting> rows = new TreeMap<>();
        boolean inSection = false;
        for (String line : Files.readAllLines(Path.of("..", "docs", "configure.md"))) {
            if (line.startsWith("## ")) {
                inSection = line.substring(3).strip().equals(section());
            }
            Matcher row = ROW.matcher(line);
            if (inSection && row.matches()) {
                rows.put(row.group(1), new Setting(code(row.group(2)).orElse(""), code(row.group(3))));
            }
        }
        return rows;
    }

    private static Optional<String> code(String cell) {
        Matcher code = CODE.matcher(cell);
        return code.find() ? Optional.of(code.group(1)) : Optional.empty();
    }

    private Map<String, Setting> fromCode() throws IOException {
        Map<String, Setting> settings = new TreeMap<>();
        Properties bound = properties();
        for (Class<?> mapping : mappings()) {
            collect(mapping.getAnnotation(ConfigMapping.class).prefix(), mapping, settings, bound);
        }
        return settings;
    }

    private Properties properties() throws IOException {
        Properties properties = new Properties();
        for (var url : java.util.Collections.list(
                Thread.currentThread().getContextClassLoader().getResources(propertiesFile()))) {
            try (InputStream in = url.openStream()) {
                properties.load(in);
            }
        }
        return properties;
    }

    private static void collect(String prefix, Class<?> type, Map<String, Setting> settings, Properties bound) {
        for (Method method : type.getMethods()) {
            if (method.isDefault() || method.getParameterCount() > 0 || method.getDeclaringClass() == Object.class) {
                continue;
            }
            collectOne(prefix + "." + name(method), method, method.getGenericReturnType(), settings, bound);
        }
    }

    private static void collectOne(
            String key, Method method, Type type, Map<String, Setting> settings, Properties bound) {
        if (type instanceof ParameterizedType generic) {
            boolean map = generic.getRawType() == Map.class;
            Type value = generic.getActualTypeArguments()[map ? 1 : 0];
            collectOne(map ? key + ".\"<name>\"" : key, method, value, settings, bound);
        } else if (type instanceof Class<?> nested
                && nested.isInterface()
                && nested.getName().startsWith("io.pgcaretaker")) {
            collect(key, nested, settings, bound);
        } else {
            settings.put(key, setting(key, method, bound));
        }
    }

    private static Setting setting(String key, Method method, Properties bound) {
        WithDefault annotated = method.getAnnotation(WithDefault.class);
        Optional<String> defaultValue = Optional.ofNullable(annotated).map(WithDefault::value);
        Matcher environment = ENVIRONMENT.matcher(bound.getProperty(key, ""));
        if (!environment.matches()) {
            String fixed = bound.getProperty(key);
            return new Setting("", fixed == null ? defaultValue : Optional.of(fixed));
        }
        String fallback = environment.group(2);
        boolean plain = fallback != null && !fallback.isEmpty() && !fallback.startsWith("${");
        return new Setting(environment.group(1), plain ? Optional.of(fallback) : defaultValue);
    }

    private static String name(Method method) {
        WithName given = method.getAnnotation(WithName.class);
        return given != null
                ? given.value()
                : method.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
