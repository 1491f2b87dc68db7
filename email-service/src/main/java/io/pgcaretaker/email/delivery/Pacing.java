package io.pgcaretaker.email.delivery;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tells which of some claimed mails have to wait for their place in a row of a rate. */
final class Pacing {

    private final RatePolicy policy;
    private final RateRepository repository;

    Pacing(RatePolicy policy, RateRepository repository) {
        this.policy = policy;
        this.repository = repository;
    }

    /**
     * A mail whose place comes later.
     *
     * @param by the scope of the rate that lets it wait longest
     */
    record Paced(Claimed claimed, Duration pause, String by) {}

    /** Takes a place for each, but for those that have waited for theirs. */
    List<Paced> paced(List<Claimed> all) throws SQLException {
        if (policy.isEmpty()) {
            return List.of();
        }
        Map<Claimed, List<RatePolicy.Rate>> rates = new LinkedHashMap<>();
        Map<RatePolicy.Rate, Integer> counts = new HashMap<>();
        for (Claimed claimed : all) {
            if (!claimed.hasPlace()) {
                List<RatePolicy.Rate> its = policy.of(claimed.mail().recipient());
                rates.put(claimed, its);
                its.forEach(rate -> counts.merge(rate, 1, Integer::sum));
            }
        }
        if (counts.isEmpty()) {
            return List.of();
        }
        Map<RatePolicy.Rate, Duration> next = repository.take(counts);
        List<Paced> paced = new ArrayList<>();
        rates.forEach((claimed, its) -> place(claimed, its, next, paced));
        return paced;
    }

    private static void place(
            Claimed claimed, List<RatePolicy.Rate> rates, Map<RatePolicy.Rate, Duration> next, List<Paced> paced) {
        Duration pause = Duration.ZERO;
        String by = "";
        for (RatePolicy.Rate rate : rates) {
            Duration own = next.getOrDefault(rate, Duration.ZERO);
            next.put(rate, own.plus(rate.interval()));
            if (own.compareTo(pause) > 0) {
                pause = own;
                by = rate.scope();
            }
        }
        if (!pause.isZero()) {
            paced.add(new Paced(claimed, pause, by));
        }
    }
}
