package io.pgcaretaker.email.delivery;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.atomic.AtomicBoolean;

/** Tells whoever tells others that something happened to mails here. */
@ApplicationScoped
public class OutcomeSignal {

    private final AtomicBoolean news = new AtomicBoolean();

    void written() {
        if (!news.get()) {
            news.set(true);
        }
    }

    /** True once for any number of outcomes. */
    public boolean takeNews() {
        return news.get() && news.getAndSet(false);
    }
}
