package io.pgcaretaker.monitoring.history;

import io.pgcaretaker.monitoring.history.SizeRepository.Size;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How fast it grows, by the line that fits the samples best, and when that line meets the limit. */
final class ForecastPolicy {

    /** From less than this nothing is foretold: an import looks like the end of the world. */
    private static final Duration LEAST = Duration.ofHours(24);

    private static final double DAY = 86_400;

    /**
     * What is to be expected.
     *
     * @param bytesPerDay absent while there are too few samples
     * @param daysUntilLimit absent without a limit, or when it does not grow towards it
     * @param note why something is absent
     */
    record Forecast(
            @Nullable Double bytesPerDay,
            @Nullable Double daysUntilLimit,
            @Nullable String note) {}

    private ForecastPolicy() {}

    static Forecast of(List<Size> samples, @Nullable Long limit) {
        if (samples.size() < 3 || observed(samples).compareTo(LEAST) < 0) {
            return new Forecast(null, null, "needs samples of at least " + LEAST.toHours() + " hours");
        }
        double slope = slope(samples) * DAY;
        if (limit == null) {
            return new Forecast(slope, null, "caretaker.monitoring.storage-limit is not set");
        }
        long last = samples.get(samples.size() - 1).bytes();
        if (last >= limit) {
            return new Forecast(slope, 0.0, null);
        }
        return slope <= 0
                ? new Forecast(slope, null, "does not grow")
                : new Forecast(slope, Math.round(10 * (limit - last) / slope) / 10.0, null);
    }

    private static Duration observed(List<Size> samples) {
        return Duration.between(
                samples.get(0).takenAt(), samples.get(samples.size() - 1).takenAt());
    }

    /** Least squares, in bytes a second. */
    private static double slope(List<Size> samples) {
        long start = samples.get(0).takenAt().getEpochSecond();
        double meanX = samples.stream()
                .mapToDouble(size -> size.takenAt().getEpochSecond() - start)
                .average()
                .orElse(0);
        double meanY = samples.stream().mapToDouble(Size::bytes).average().orElse(0);
        double products = 0;
        double squares = 0;
        for (Size size : samples) {
            double x = size.takenAt().getEpochSecond() - start - meanX;
            products += x * (size.bytes() - meanY);
            squares += x * x;
        }
        return squares == 0 ? 0 : products / squares;
    }
}
