package io.pgcaretaker.monitoring.alert;

import io.micrometer.core.instrument.MeterRegistry;
import io.pgcaretaker.database.RepeatedFailure;
import io.pgcaretaker.monitoring.WholeAnswer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.jboss.logging.Logger;

/** Posts incidents to an Alertmanager or a webhook: what came of it is counted, and what goes on failing is told once. */
final class OutgoingClient {

    private static final Logger LOG = Logger.getLogger(OutgoingClient.class);
    private static final String CALLS = "caretaker.monitoring.outgoing";

    /** What came of a call. */
    enum Outcome {
        TAKEN("taken"),
        REFUSED("refused"),
        UNREACHABLE("unreachable");

        private final String word;

        Outcome(String word) {
            this.word = word;
        }
    }

    private final HttpClient http;
    private final String to;
    private final Duration deadline;
    private final MeterRegistry meters;
    private final RepeatedFailure notTaken;

    /**
     * One receiver.
     *
     * @param to {@code alertmanager} or {@code webhook}; the address may hold a secret and is not said
     * @param deadline the longest an answer may take to its last byte
     */
    OutgoingClient(String to, Duration deadline, MeterRegistry meters) {
        this.to = to;
        this.deadline = deadline;
        this.meters = meters;
        this.http = HttpClient.newBuilder().connectTimeout(deadline).build();
        this.notTaken = new RepeatedFailure(LOG, "incidents were not taken to=" + to);
    }

    /** Counts from 0, so that an alert on its increase sees the first. */
    void countFromNow() {
        for (Outcome outcome : Outcome.values()) {
            count(outcome, 0);
        }
    }

    /** True when it was taken. */
    boolean post(URI address, String body, String key) {
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (!key.isEmpty()) {
            request.header("Idempotency-Key", key);
        }
        try {
            int status = WholeAnswer.of(http, request.build(), HttpResponse.BodyHandlers.discarding(), deadline)
                    .statusCode();
            if (status / 100 != 2) {
                count(Outcome.REFUSED, 1);
                notTaken.happened("status=" + status);
                return false;
            }
            count(Outcome.TAKEN, 1);
            notTaken.isOver();
            return true;
        } catch (IOException e) {
            count(Outcome.UNREACHABLE, 1);
            notTaken.happened("cause=" + e.getMessage());
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void count(Outcome outcome, int calls) {
        meters.counter(CALLS, "to", to, "outcome", outcome.word).increment(calls);
    }
}
