package io.pgcaretaker.startup;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.ConfigValidationException.Problem;
import java.net.BindException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StartupFailureTest {

    @Test
    void saysEachConfigurationFaultWithTheNameTheOperatorSet() {
        var failure = new RuntimeException("Failed to start quarkus", new ConfigValidationException(new Problem[] {
            new Problem("caretaker.database.url is not set; it must be …")
        }));

        assertThat(StartupFailure.explain(failure))
                .containsExactly(
                        "not started: the configuration is wrong",
                        "  DATABASE_URL: caretaker.database.url is not set; it must be …");
    }

    @Test
    void leavesAFaultOfAnUnboundSettingAsItIs() {
        assertThat(StartupFailure.withEnvironmentName(
                        "caretaker.database.probe-interval is wrong", Map.of("caretaker.database.url", "DATABASE_URL")))
                .isEqualTo("caretaker.database.probe-interval is wrong");
    }

    @Test
    void namesATakenPortWithoutAStackTrace() {
        var failure = new RuntimeException(new BindException("Address already in use: 8081"));

        assertThat(StartupFailure.explain(failure))
                .singleElement()
                .asString()
                .contains("8081")
                .contains("QUARKUS_HTTP_PORT")
                .doesNotContain("\tat ");
    }

    @Test
    void showsTheStackTraceOfASurprise() {
        assertThat(StartupFailure.explain(new IllegalStateException("surprise")))
                .last()
                .asString()
                .contains("surprise")
                .contains("\tat ");
    }
}
