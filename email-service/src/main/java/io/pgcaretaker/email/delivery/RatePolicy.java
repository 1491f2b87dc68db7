package io.pgcaretaker.email.delivery;

import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.address.MailAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Which rates a mail is subject to. */
public final class RatePolicy {

    /** Of a minute's mails to a domain, this part may go at once. */
    private static final int BURST_PART = 6;

    private final Optional<Integer> anyDomain;
    private final Map<String, Integer> domains = new HashMap<>();
    private final Optional<Integer> recipient;

    /**
     * Reads the configuration.
     *
     * @throws IllegalArgumentException naming the setting and its rule
     */
    public RatePolicy(EmailConfig.Rates config) {
        this.anyDomain = config.domain();
        this.recipient = config.recipient();
        anyDomain.ifPresent(rate -> requireOne("domain", rate));
        recipient.ifPresent(rate -> requireOne("recipient", rate));
        config.keys().forEach((name, rate) -> requireOne("keys.\"" + name + "\"", rate));
        config.domains().forEach((name, rate) -> {
            requireOne("domains.\"" + name + "\"", rate);
            domains.put(name.toLowerCase(Locale.ROOT), rate);
        });
    }

    private static void requireOne(String setting, int rate) {
        if (rate < 1) {
            throw new IllegalArgumentException(
                    "caretaker.email.rates." + setting + " must be at least 1, but is " + rate);
        }
    }

    /**
     * One rate that a mail is subject to.
     *
     * @param scope {@code domain} or {@code recipient}
     * @param burst how many may go at once after a quiet time
     */
    record Rate(String scope, String name, Duration interval, int burst) {}

    boolean isEmpty() {
        return anyDomain.isEmpty() && domains.isEmpty() && recipient.isEmpty();
    }

    List<Rate> of(String address) {
        List<Rate> rates = new ArrayList<>();
        String normalised = MailAddress.normalised(address);
        String domain = normalised.substring(normalised.lastIndexOf('@') + 1);
        Integer minute = domains.getOrDefault(domain, anyDomain.orElse(null));
        if (minute != null) {
            rates.add(new Rate(
                    "domain",
                    domain,
                    Duration.ofNanos(Duration.ofMinutes(1).toNanos() / minute),
                    Math.max(1, minute / BURST_PART)));
        }
        recipient.ifPresent(hour -> rates.add(new Rate(
                "recipient", normalised, Duration.ofNanos(Duration.ofHours(1).toNanos() / hour), hour)));
        return rates;
    }
}
