package io.pgcaretaker.email.smtp;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Stops sending while the transport is at fault, so that no mail uses up an attempt for it. Open, it lets one probe
 * through after each pause; the pauses double, with full jitter in their second half.
 */
public final class Circuit {

    /** What a worker may do now. */
    public enum Admission {
        /** Claim as usual. */
        OPEN_ROAD,
        /** Claim one mail and tell how it went. */
        PROBE,
        REFUSED
    }

    /** Monotonic: a wall clock that is set back an hour would keep mail waiting for an hour. */
    private final LongSupplier nanos;

    private final RandomGenerator random;
    private final Duration firstPause;
    private final Duration longestPause;

    private int faults;
    private long until;
    private boolean probing;
    private @Nullable String reason;

    public Circuit(LongSupplier nanos, RandomGenerator random, Duration firstPause, Duration longestPause) {
        this.nanos = nanos;
        this.random = random;
        this.firstPause = firstPause;
        this.longestPause = longestPause;
    }

    public synchronized Admission enter() {
        if (faults == 0) {
            return Admission.OPEN_ROAD;
        }
        if (probing || nanos.getAsLong() - until < 0) {
            return Admission.REFUSED;
        }
        probing = true;
        return Admission.PROBE;
    }

    /** The server spoke about a mail, whatever it said. */
    public synchronized void worked() {
        faults = 0;
        probing = false;
        reason = null;
    }

    /** The probe found nothing to send. */
    public synchronized void unused() {
        probing = false;
    }

    /** Returns true when this fault opened it; those of attempts already under way do not count again. */
    public synchronized boolean failed(String why) {
        if (faults > 0 && !probing) {
            return false;
        }
        faults++;
        probing = false;
        reason = why;
        until = nanos.getAsLong() + pause().toNanos();
        return faults == 1;
    }

    private Duration pause() {
        long longest = Math.min(longestPause.toMillis(), firstPause.toMillis() << Math.min(faults - 1, 20));
        return Duration.ofMillis(longest / 2 + random.nextLong(longest / 2 + 1));
    }

    public synchronized boolean isOpen() {
        return faults > 0;
    }

    /** How long from now until the next probe; zero when it is closed. */
    public synchronized Duration pauseLeft() {
        return faults == 0 ? Duration.ZERO : Duration.ofNanos(Math.max(0, until - nanos.getAsLong()));
    }

    public synchronized @Nullable String reason() {
        return reason;
    }
}
