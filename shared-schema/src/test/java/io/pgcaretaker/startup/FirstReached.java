package io.pgcaretaker.startup;

import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.NotificationOptions;
import jakarta.enterprise.util.TypeLiteral;
import java.lang.annotation.Annotation;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts how often it was sent. */
final class FirstReached implements Event<DatabaseFirstReached> {

    private final AtomicInteger times = new AtomicInteger();

    int times() {
        return times.get();
    }

    @Override
    public <U extends DatabaseFirstReached> CompletionStage<U> fireAsync(U event) {
        times.incrementAndGet();
        return CompletableFuture.completedFuture(event);
    }

    @Override
    public <U extends DatabaseFirstReached> CompletionStage<U> fireAsync(U event, NotificationOptions options) {
        return fireAsync(event);
    }

    @Override
    public void fire(DatabaseFirstReached event) {
        throw new UnsupportedOperationException("nobody who hears it may hold up the look");
    }

    @Override
    public Event<DatabaseFirstReached> select(Annotation... qualifiers) {
        return this;
    }

    @Override
    public <U extends DatabaseFirstReached> Event<U> select(Class<U> subtype, Annotation... qualifiers) {
        throw new UnsupportedOperationException("it has no subtypes");
    }

    @Override
    public <U extends DatabaseFirstReached> Event<U> select(TypeLiteral<U> subtype, Annotation... qualifiers) {
        throw new UnsupportedOperationException("it has no subtypes");
    }
}
