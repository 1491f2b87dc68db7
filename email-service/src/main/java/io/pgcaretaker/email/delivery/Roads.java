package io.pgcaretaker.email.delivery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The ways out for mail, in the order in which they are wanted. A way at fault is left alone by its own circuit, and the
 * next one is taken meanwhile; its probes go on, so that mail comes back to it by itself.
 */
public final class Roads {

    private final List<Road> roads;

    /** One server with what is known of it. */
    record Road(int index, SmtpSettings settings, Circuit circuit) {
        /** In the ledger, in metrics and in answers. */
        String name() {
            return settings.host() + ":" + settings.port();
        }
    }

    Roads(List<SmtpSettings> settings, Supplier<Circuit> circuits) {
        List<Road> all = new ArrayList<>();
        for (SmtpSettings one : settings) {
            all.add(new Road(all.size(), one, circuits.get()));
        }
        this.roads = List.copyOf(all);
    }

    List<Road> all() {
        return roads;
    }

    /** A way that may be taken now. */
    record Passage(Road road, boolean isProbe) {}

    /** The first that lets mail through; whoever gets a probe must tell its circuit how it went, or that it was unused. */
    Optional<Passage> enter() {
        for (Road road : roads) {
            Circuit.Admission admission = road.circuit().enter();
            if (admission != Circuit.Admission.REFUSED) {
                return Optional.of(new Passage(road, admission == Circuit.Admission.PROBE));
            }
        }
        return Optional.empty();
    }

    /** How long mail had better wait: not at all while there is a way. */
    Duration pauseLeft() {
        return roads.stream()
                .map(road -> road.circuit().pauseLeft())
                .min(Duration::compareTo)
                .orElse(Duration.ZERO);
    }

    /** True when mail cannot go anywhere. */
    boolean isClosed() {
        return roads.stream().allMatch(road -> road.circuit().isOpen());
    }

    /**
     * How one way stands, for people.
     *
     * @param state {@code ok}, or why it is not taken
     */
    public record Standing(String transport, String state) {}

    List<Standing> standings() {
        return roads.stream()
                .map(road -> new Standing(road.name(), state(road.circuit())))
                .toList();
    }

    /** {@code ok} while there is a way, or else what is wrong with each. */
    String state() {
        if (!isClosed()) {
            return "ok";
        }
        return roads.size() == 1
                ? state(roads.get(0).circuit())
                : String.join(
                        "; ",
                        roads.stream()
                                .map(road -> road.name() + " " + state(road.circuit()))
                                .toList());
    }

    private static String state(Circuit circuit) {
        String reason = circuit.reason();
        return reason == null ? "ok" : "paused for " + circuit.pauseLeft().toSeconds() + " s: " + reason;
    }
}
