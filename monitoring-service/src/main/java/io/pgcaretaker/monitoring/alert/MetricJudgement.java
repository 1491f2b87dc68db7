package io.pgcaretaker.monitoring.alert;

import io.pgcaretaker.monitoring.Situation;
import java.util.Collection;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Judges one metric by a threshold. Values of labels stay out of what it says: they may name people. */
final class MetricJudgement implements Function<Situation, Observation> {

    /** How several samples become one number. */
    enum Aggregate {
        MAX,
        MIN,
        SUM;

        double of(Collection<Double> values) {
            var numbers = values.stream().mapToDouble(Double::doubleValue);
            return switch (this) {
                case MAX -> numbers.max().orElse(0);
                case MIN -> numbers.min().orElse(0);
                case SUM -> numbers.sum();
            };
        }
    }

    private final MetricSource source;
    private final String metric;
    private final Map<String, String> match;
    private final Aggregate aggregate;
    private final @Nullable Increase increase;
    private final Threshold threshold;
    private final String summary;

    MetricJudgement(
            MetricSource source,
            String metric,
            Map<String, String> match,
            Aggregate aggregate,
            @Nullable Increase increase,
            Threshold threshold,
            String summary) {
        this.source = source;
        this.metric = metric;
        this.match = Map.copyOf(match);
        this.aggregate = aggregate;
        this.increase = increase;
        this.threshold = threshold;
        this.summary = summary;
    }

    @Override
    public Observation apply(Situation situation) {
        MetricSource.Sight sight = source.look(situation, metric, match);
        if (sight.notSeen() != null) {
            return sight.notSeen();
        }
        OptionalDouble value = increase == null
                ? aggregated(sight.samples().values())
                : increase.with(sight.samples(), situation.now());
        if (value.isEmpty()) {
            return sight.samples().isEmpty()
                    ? new Observation.Well("no such series")
                    : new Observation.Unknown("seen once, nothing to compare with yet");
        }
        String shown = Threshold.plain(value.getAsDouble());
        return threshold.isCrossedBy(value.getAsDouble())
                ? new Observation.Wrong(summary, shown, threshold.words())
                : new Observation.Well(shown);
    }

    private OptionalDouble aggregated(Collection<Double> values) {
        return values.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(aggregate.of(values));
    }
}
