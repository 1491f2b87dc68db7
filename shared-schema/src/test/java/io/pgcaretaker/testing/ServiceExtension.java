package io.pgcaretaker.testing;

import io.restassured.RestAssured;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestInstancePostProcessor;

/** What {@link ServiceTest} says. */
final class ServiceExtension implements BeforeAllCallback, TestInstancePostProcessor {

    /** Where nobody listens. */
    private static final String NOBODY = "http://127.0.0.1:1";

    @Override
    public void beforeAll(ExtensionContext context) {
        PackagedService service = running(context).service;
        RestAssured.baseURI = "http://127.0.0.1";
        RestAssured.port = service.base().getPort();
        RestAssured.replaceFiltersWith(running(context).documented);
    }

    @Override
    public void postProcessTestInstance(Object test, ExtensionContext context) throws IllegalAccessException {
        Running running = running(context);
        for (Class<?> type = test.getClass(); type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                for (Object part : running.parts) {
                    if (field.getType() == part.getClass()) {
                        field.setAccessible(true);
                        field.set(test, part);
                    }
                }
            }
        }
    }

    private static Running running(ExtensionContext context) {
        Class<? extends Surroundings> named =
                context.getRequiredTestClass().getAnnotation(ServiceTest.class).value();
        return context.getRoot()
                .getStore(ExtensionContext.Namespace.create(ServiceExtension.class))
                .computeIfAbsent(named, key -> new Running(named), Running.class);
    }

    /** The root store closes it after the last test. */
    private static final class Running implements AutoCloseable {
        final Surroundings surroundings;
        final PackagedService service;
        final DocumentedAnswers documented;
        final List<Object> parts;

        Running(Class<? extends Surroundings> type) {
            surroundings = make(type);
            TestDatabase database = TestDatabase.createMigrated();
            Map<String, String> settings = new HashMap<>(Map.of(
                    "DATABASE_URL",
                    database.url(),
                    "CARETAKER_API_KEYS",
                    TestKeys.CONFIGURATION,
                    "CARETAKER_SERVICE_KEY",
                    TestKeys.SENDER,
                    "MONITORING_URL",
                    NOBODY,
                    "CLEANUP_URL",
                    NOBODY,
                    "EMAIL_URL",
                    NOBODY));
            settings.putAll(surroundings.settings());
            Path log = Path.of("target", "service-of-" + type.getSimpleName() + ".log");
            try {
                Files.deleteIfExists(log);
                service = new PackagedService(log, settings);
                parts = new ArrayList<>(surroundings.parts());
                parts.addAll(List.of(database, service));
                service.startReady();
                documented = new DocumentedAnswers(service.management());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            // A JVM that is told to end closes no store.
            Runtime.getRuntime().addShutdownHook(new Thread(service::kill));
        }

        private static Surroundings make(Class<? extends Surroundings> type) {
            try {
                return type.getConstructor().newInstance();
            } catch (ReflectiveOperationException e) {
                throw new IllegalArgumentException("not a public class with a public constructor: " + type, e);
            }
        }

        @Override
        public void close() {
            service.close();
            surroundings.close();
        }
    }
}
