package io.pgcaretaker.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.HashMap;
import java.util.Map;

/**
 * {@code @QuarkusTestResource(DatabaseResource.class)}: a migrated database and the {@link TestKeys} for a
 * {@code @QuarkusTest} or {@code @QuarkusIntegrationTest}; a field of type {@link TestDatabase} in the test gets the
 * database. Timers run as in production; a test that wants to tick by hand sets their interval to {@code off}.
 */
public class DatabaseResource implements QuarkusTestResourceLifecycleManager {

    private final TestDatabase database = TestDatabase.createMigrated();

    @Override
    public Map<String, String> start() {
        Map<String, String> settings = new HashMap<>();
        settings.put("DATABASE_URL", database.url());
        settings.put("CARETAKER_API_KEYS", TestKeys.CONFIGURATION);
        settings.put("CARETAKER_SERVICE_KEY", TestKeys.SENDER);
        settings.put("quarkus.http.test-port", "0");
        settings.put("quarkus.management.test-port", "0");
        return settings;
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(database, new TestInjector.MatchesType(TestDatabase.class));
    }

    @Override
    public void stop() {
        // The server stops with the JVM and its databases with it.
    }
}
