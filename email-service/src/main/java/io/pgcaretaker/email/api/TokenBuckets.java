package io.pgcaretaker.email.api;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;

/** A bucket of requests for each API key, as large as a second's worth, which fills again within one. Of this process. */
final class TokenBuckets {

    private static final double NANOS = 1e9;

    private final ToIntFunction<String> rates;
    private final LongSupplier clock;
    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();

    /** The rates are a second's, by the key's name; the clock counts nanoseconds. */
    TokenBuckets(ToIntFunction<String> rates, LongSupplier clock) {
        this.rates = rates;
        this.clock = clock;
    }

    /**
     * What one request came to.
     *
     * @param limit requests a second
     * @param remaining requests that would be taken right now
     * @param resetSeconds until the whole limit is there again, rounded up
     */
    record Allowance(boolean taken, int limit, int remaining, int resetSeconds) {}

    Allowance take(String key) {
        return buckets.computeIfAbsent(key, name -> new Bucket(rates.applyAsInt(name), clock.getAsLong()))
                .take(clock.getAsLong());
    }

    private static final class Bucket {
        private final int limit;
        private double tokens;
        private long at;

        Bucket(int limit, long now) {
            this.limit = limit;
            this.tokens = limit;
            this.at = now;
        }

        synchronized Allowance take(long now) {
            // Two requests may come in the other order than they read the clock.
            tokens = Math.min(limit, tokens + Math.max(0, now - at) / NANOS * limit);
            at = Math.max(at, now);
            boolean taken = tokens >= 1;
            if (taken) {
                tokens -= 1;
            }
            int reset = (int) Math.ceil((limit - tokens) / limit);
            return new Allowance(taken, limit, (int) tokens, Math.max(1, reset));
        }
    }
}
