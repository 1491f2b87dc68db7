package io.pgcaretaker.monitoring.health;

import java.math.BigDecimal;
import java.time.Duration;

/** Values as people say them. */
final class Words {

    private Words() {}

    /** {@code 5 s}, {@code 0.2 s}. */
    static String seconds(Duration duration) {
        return BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString() + " s";
    }
}
