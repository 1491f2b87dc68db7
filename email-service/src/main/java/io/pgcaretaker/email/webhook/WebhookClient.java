package io.pgcaretaker.email.webhook;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Posts to receivers. Follows no redirect and reads no answer but its status: a receiver cannot send this service anywhere
 * else, and what a receiver says goes nowhere.
 */
final class WebhookClient {

    private final HttpClient http;
    private final Duration deadline;
    private final WebhookBody body;
    private final Clock clock;

    WebhookClient(Duration deadline, WebhookBody body, Clock clock, Executor executor) {
        this.deadline = deadline;
        this.body = body;
        this.clock = clock;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(deadline)
                .executor(executor)
                .build();
    }

    /** All at once; comes back when each has an answer, at the latest at the deadline. */
    List<WebhookEvent.Told> post(WebhookEndpoint endpoint, List<WebhookEvent> events) throws InterruptedException {
        long end = System.nanoTime() + deadline.toNanos();
        List<CompletableFuture<HttpResponse<Void>>> calls = new ArrayList<>();
        for (WebhookEvent event : events) {
            calls.add(http.sendAsync(request(endpoint, event), HttpResponse.BodyHandlers.discarding()));
        }
        List<WebhookEvent.Told> told = new ArrayList<>();
        for (int i = 0; i < events.size(); i++) {
            told.add(new WebhookEvent.Told(events.get(i), result(calls.get(i), end)));
        }
        return told;
    }

    private HttpRequest request(WebhookEndpoint endpoint, WebhookEvent event) {
        Instant now = clock.instant();
        String text = body.of(event);
        return HttpRequest.newBuilder(endpoint.url())
                .header("Content-Type", "application/json")
                .header("User-Agent", "Caretaker")
                .header("svix-id", event.svixId())
                .header("svix-timestamp", String.valueOf(now.getEpochSecond()))
                .header("svix-signature", endpoint.signature().sign(event.svixId(), now, text))
                .POST(HttpRequest.BodyPublishers.ofString(text))
                .build();
    }

    private WebhookEvent.Result result(CompletableFuture<HttpResponse<Void>> call, long end)
            throws InterruptedException {
        try {
            int status = call.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS)
                    .statusCode();
            return new WebhookEvent.Result(kind(status), "it answered " + status);
        } catch (TimeoutException e) {
            // Not by the client's own timeout: that ends with the answer's head, this one with its body too.
            call.cancel(true);
            return unreachable("no answer within " + deadline.toMillis() + " ms");
        } catch (ExecutionException e) {
            // The exception's class, not its words: they may repeat the address.
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            return unreachable("no answer: " + cause.getClass().getSimpleName());
        }
    }

    private static WebhookEvent.Result unreachable(String detail) {
        return new WebhookEvent.Result(WebhookEvent.Result.Kind.UNREACHABLE, detail);
    }

    private static WebhookEvent.Result.Kind kind(int status) {
        if (status >= 200 && status < 300) {
            return WebhookEvent.Result.Kind.DELIVERED;
        }
        boolean trouble = status >= 500 || status == 429 || status == 408;
        return trouble ? WebhookEvent.Result.Kind.UNREACHABLE : WebhookEvent.Result.Kind.REFUSED;
    }
}
