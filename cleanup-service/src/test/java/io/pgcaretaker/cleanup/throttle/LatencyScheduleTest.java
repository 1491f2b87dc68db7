package io.pgcaretaker.cleanup.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.access.AccessConfig;
import io.pgcaretaker.cleanup.TestSettings;
import jakarta.ws.rs.ProcessingException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** monitoring-service is not there, and may never be: who runs only this one has it in the log for ever. */
class LatencyScheduleTest {

    private static final AccessConfig NO_KEYS = new AccessConfig() {
        @Override
        public Optional<String> apiKeys() {
            return Optional.empty();
        }

        @Override
        public Optional<Path> apiKeysFile() {
            return Optional.empty();
        }

        @Override
        public Optional<String> serviceKey() {
            return Optional.empty();
        }
    };

    private int asked;

    @Test
    void thatIsToldOnceAndNotEachTimeThatTheCircuitOpens() {
        ApplicationLatency latency =
                new ApplicationLatency(TestSettings.with(Map.of()).throttle(), System::nanoTime);
        MonitoringApi away = key -> {
            throw asked++ % 3 == 0 ? new ProcessingException("refused") : new CircuitBreakerOpenException("open");
        };
        LatencySchedule schedule =
                new LatencySchedule(new MonitoringClient(away, NO_KEYS, new ObjectMapper()), latency);
        List<String> told = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                told.add(line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger(LatencySchedule.class.getName());
        logger.addHandler(handler);
        try {
            for (int i = 0; i < 9; i++) {
                schedule.ask();
            }
        } finally {
            logger.removeHandler(handler);
        }

        assertThat(told).hasSize(1);
        assertThat(latency.status()).containsEntry("reason", "monitoring-service does not answer");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "<html>", "[]"})
    void whatIsNotMonitoringServicesAnswerIsNone(String said) {
        ApplicationLatency latency =
                new ApplicationLatency(TestSettings.with(Map.of()).throttle(), System::nanoTime);
        MonitoringApi other = key -> new ByteArrayInputStream(said.getBytes(StandardCharsets.UTF_8));

        new LatencySchedule(new MonitoringClient(other, NO_KEYS, new ObjectMapper()), latency).ask();

        assertThat(latency.status()).containsEntry("reason", "monitoring-service gave no usable answer");
    }
}
