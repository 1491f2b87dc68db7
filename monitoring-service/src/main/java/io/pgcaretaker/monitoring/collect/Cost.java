package io.pgcaretaker.monitoring.collect;

import java.time.Duration;

/**
 * What a collector has cost the database since the start of this process.
 *
 * @param time in the database and on the way to it
 * @param bytes of the values that came back
 */
public record Cost(long looks, Duration time, long rows, long bytes) {

    static final Cost NONE = new Cost(0, Duration.ZERO, 0, 0);

    Cost plus(Duration took, Rows rows) {
        return new Cost(looks + 1, time.plus(took), this.rows + rows.list().size(), bytes + rows.bytes());
    }
}
