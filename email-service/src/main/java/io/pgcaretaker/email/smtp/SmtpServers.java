package io.pgcaretaker.email.smtp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The ways out for mail, in the order in which they are wanted. A way at fault is left alone by its own circuit, and the
 * next one is taken meanwhile; its probes go on, so that mail comes back to it by itself.
 */
public final class SmtpServers {

    private final List<Server> servers;

    /** One server with what is known of it. */
    public record Server(int index, SmtpSettings settings, Circuit circuit) {
        /** In the ledger, in metrics and in answers. */
        public String name() {
            return settings.host() + ":" + settings.port();
        }
    }

    public SmtpServers(List<SmtpSettings> settings, Supplier<Circuit> circuits) {
        List<Server> all = new ArrayList<>();
        for (SmtpSettings one : settings) {
            all.add(new Server(all.size(), one, circuits.get()));
        }
        this.servers = List.copyOf(all);
    }

    public List<Server> all() {
        return servers;
    }

    /** A way that may be taken now. */
    public record Passage(Server server, boolean isProbe) {}

    /** The first that lets mail through; whoever gets a probe must tell its circuit how it went, or that it was unused. */
    public Optional<Passage> enter() {
        for (Server server : servers) {
            Circuit.Admission admission = server.circuit().enter();
            if (admission != Circuit.Admission.REFUSED) {
                return Optional.of(new Passage(server, admission == Circuit.Admission.PROBE));
            }
        }
        return Optional.empty();
    }

    /** How long mail had better wait: not at all while there is a way. */
    public Duration pauseLeft() {
        return servers.stream()
                .map(server -> server.circuit().pauseLeft())
                .min(Duration::compareTo)
                .orElse(Duration.ZERO);
    }

    /** True when mail cannot go anywhere. */
    public boolean isClosed() {
        return servers.stream().allMatch(server -> server.circuit().isOpen());
    }

    /**
     * How one way stands, for people.
     *
     * @param state {@code ok}, or why it is not taken
     */
    public record Standing(String transport, String state) {}

    public List<Standing> standings() {
        return servers.stream()
                .map(server -> new Standing(server.name(), state(server.circuit())))
                .toList();
    }

    /** {@code ok} while there is a way, or else what is wrong with each. */
    public String state() {
        if (!isClosed()) {
            return "ok";
        }
        return servers.size() == 1
                ? state(servers.get(0).circuit())
                : String.join(
                        "; ",
                        servers.stream()
                                .map(server -> server.name() + " " + state(server.circuit()))
                                .toList());
    }

    private static String state(Circuit circuit) {
        String reason = circuit.reason();
        return reason == null ? "ok" : "paused for " + circuit.pauseLeft().toSeconds() + " s: " + reason;
    }
}
