package io.pgcaretaker.startup;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.ConfigValidationException.Problem;
import java.net.BindException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            user-retention-days | abc    | SRCFG00029: Expected an integer value, got "abc" | must be a whole number, but is abc
            mode                | delete | SRCFG00049: Cannot convert delete to enum class X, allowed values: shadow,enforce | must be one of shadow, enforce, but is delete
            enabled             | maybe  | must be true or false | must be true or false, but is maybe
            lease               | long   | java.time.format.DateTimeParseException: Text cannot be parsed to a Duration | must be a duration such as 30s, 5m or P1D, but is long
            service-key         | geheim | Cannot convert geheim | has a value that cannot be used
            """)
    void saysTheRuleOfAValueThatCannotBeConverted(String setting, String value, String reason, String rule) {
        var failure = new ConfigValidationException(new Problem[] {
            new Problem("java.lang.IllegalArgumentException: SRCFG00039: The config property caretaker.x." + setting
                    + " with the config value \"" + value + "\" threw an Exception whilst being converted " + reason)
        });

        assertThat(StartupFailure.explain(failure).get(1)).isEqualTo("  caretaker.x." + setting + " " + rule);
    }

    @Test
    void saysThatASettingIsUnknownOrEmpty() {
        var failure = new ConfigValidationException(new Problem[] {
            new Problem("SRCFG00050: caretaker.cleanup.moode in SysPropConfigSource does not map to any root"),
            new Problem(
                    "java.util.NoSuchElementException: SRCFG00040: The config property caretaker.cleanup.lease is defined as"
                            + " the empty String (\"\") which the following Converter considered to be null: x.DurationConverter")
        });

        assertThat(StartupFailure.explain(failure))
                .contains(
                        "  caretaker.cleanup.moode is no setting; docs/configure.md lists all",
                        "  caretaker.cleanup.lease must not be empty; leave it out for its default");
    }

    @Test
    void saysThatARequiredSettingIsMissing() {
        var failure = new ConfigValidationException(new Problem[] {
            new Problem("java.util.NoSuchElementException: SRCFG00014: The config property caretaker.x.url is required"
                    + " but it could not be found in any config source")
        });

        assertThat(StartupFailure.explain(failure).get(1)).isEqualTo("  caretaker.x.url is not set");
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
