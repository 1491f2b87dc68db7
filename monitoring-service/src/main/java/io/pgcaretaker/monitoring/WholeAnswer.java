package io.pgcaretaker.monitoring;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A call with a deadline for all of it: a request's own timeout ends with the answer's head, and a body may never end. */
public final class WholeAnswer {

    /** A thousand times what the largest answer that is read has. */
    static final long MOST_BYTES = 1 << 20;

    private WholeAnswer() {}

    /** The answer as text, of which no more is read than one can have: something else may stand at its address. */
    public static HttpResponse.BodyHandler<String> text() {
        return head -> new Bounded(HttpResponse.BodySubscribers.ofString(StandardCharsets.UTF_8));
    }

    /** Ends with an error where the answer is too long. */
    private static final class Bounded implements HttpResponse.BodySubscriber<String> {

        private final HttpResponse.BodySubscriber<String> text;
        private Flow.@Nullable Subscription subscription;
        private long left = MOST_BYTES;

        Bounded(HttpResponse.BodySubscriber<String> text) {
            this.text = text;
        }

        @Override
        public CompletionStage<String> getBody() {
            return text.getBody();
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            this.subscription = subscription;
            text.onSubscribe(subscription);
        }

        @Override
        public void onNext(List<ByteBuffer> part) {
            if (left < 0) {
                return;
            }
            left -= part.stream().mapToLong(ByteBuffer::remaining).sum();
            if (left >= 0) {
                text.onNext(part);
                return;
            }
            Objects.requireNonNull(subscription).cancel();
            text.onError(new IOException("the answer has more than " + MOST_BYTES + " bytes"));
        }

        @Override
        public void onError(Throwable error) {
            text.onError(error);
        }

        @Override
        public void onComplete() {
            text.onComplete();
        }
    }

    /**
     * The answer, when all of it came in time.
     *
     * @throws IOException also when the deadline is over; what was called is in none of its words
     */
    public static <T> HttpResponse<T> of(
            HttpClient http, HttpRequest request, HttpResponse.BodyHandler<T> body, Duration deadline)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<T>> answer = http.sendAsync(request, body);
        try {
            return answer.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException(cause.getClass().getSimpleName(), cause);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new IOException("no answer within " + deadline.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            answer.cancel(true);
            throw e;
        }
    }
}
