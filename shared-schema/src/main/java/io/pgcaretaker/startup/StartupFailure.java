package io.pgcaretaker.startup;

import io.smallrye.config.ConfigValidationException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.BindException;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says why a service did not start: a sentence for what the operator can mend, the stack trace for the rest. */
final class StartupFailure {

    /** {@code caretaker.cleanup.user-retention-days=${USER_RETENTION_DAYS:30}}: what the operator really set. */
    private static final Pattern ENVIRONMENT = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*)[:}].*");

    private static final Pattern PROPERTY = Pattern.compile("caretaker(?:\\.[a-z0-9-]+)+");

    private StartupFailure() {}

    static List<String> explain(Throwable failure) {
        Optional<ConfigValidationException> config = find(failure, ConfigValidationException.class);
        if (config.isPresent()) {
            return configuration(config.get());
        }
        Optional<SchemaTooOldException> schema = find(failure, SchemaTooOldException.class);
        if (schema.isPresent()) {
            return List.of("not started: " + schema.get().getMessage());
        }
        Optional<BindException> port = find(failure, BindException.class);
        if (port.isPresent()) {
            return List.of("not started: a port is taken (" + port.get().getMessage()
                    + "); set QUARKUS_HTTP_PORT or QUARKUS_MANAGEMENT_PORT");
        }
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        return List.of("not started: " + failure, trace.toString());
    }

    private static List<String> configuration(ConfigValidationException failure) {
        Map<String, String> environment = environmentNames();
        List<String> lines = new ArrayList<>();
        lines.add("not started: the configuration is wrong");
        for (int i = 0; i < failure.getProblemCount(); i++) {
            String problem = ConfigurationFault.inWords(failure.getProblem(i).getMessage());
            lines.add("  " + withEnvironmentName(problem, environment));
        }
        return lines;
    }

    /** Puts the environment name before the property that it sets. */
    static String withEnvironmentName(String problem, Map<String, String> environment) {
        Matcher property = PROPERTY.matcher(problem);
        if (!property.find()) {
            return problem;
        }
        String name = environment.get(property.group());
        return name == null ? problem : name + ": " + problem;
    }

    private static Map<String, String> environmentNames() {
        Map<String, String> names = new TreeMap<>();
        for (String file : List.of("META-INF/microprofile-config.properties", "application.properties")) {
            for (URL resource : resources(file)) {
                properties(resource).forEach((key, value) -> {
                    Matcher environment = ENVIRONMENT.matcher(value.toString());
                    if (environment.matches()) {
                        names.put(key.toString(), environment.group(1));
                    }
                });
            }
        }
        return names;
    }

    private static List<URL> resources(String name) {
        try {
            return Collections.list(
                    Thread.currentThread().getContextClassLoader().getResources(name));
        } catch (IOException e) {
            return List.of();
        }
    }

    private static Properties properties(URL resource) {
        Properties properties = new Properties();
        try (InputStream in = resource.openStream()) {
            properties.load(in);
        } catch (IOException e) {
            properties.clear();
        }
        return properties;
    }

    private static <T extends Throwable> Optional<T> find(Throwable failure, Class<T> type) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return Optional.of(type.cast(cause));
            }
        }
        return Optional.empty();
    }
}
