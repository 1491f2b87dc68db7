package io.pgcaretaker.email.api;

import io.pgcaretaker.email.EmailConfig;
import jakarta.enterprise.context.ApplicationScoped;

/** The configured rates; apart from the filter, which is made before there is a configuration. */
@ApplicationScoped
class RequestRates {

    private final TokenBuckets buckets;

    RequestRates(EmailConfig config) {
        EmailConfig.Rates rates = config.rates();
        this.buckets = new TokenBuckets(key -> rates.keys().getOrDefault(key, rates.requests()), System::nanoTime);
    }

    TokenBuckets.Allowance take(String key) {
        return buckets.take(key);
    }
}
