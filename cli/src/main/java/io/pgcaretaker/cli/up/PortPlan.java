package io.pgcaretaker.cli.up;

import io.pgcaretaker.cli.process.Loopback;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Who listens where.
 *
 * @param moved a sentence for each port that was taken, such as "8081 is taken, monitoring-service uses 8084"
 */
record PortPlan(Map<Port, Integer> ports, List<String> moved) {

    private static final int HIGHEST = 65_535;

    PortPlan {
        ports = Collections.unmodifiableMap(new EnumMap<>(ports));
        moved = List.copyOf(moved);
    }

    int of(Port port) {
        return java.util.Objects.requireNonNull(ports.get(port));
    }

    /**
     * Chooses the preferred port of each, or the next free one that nobody else prefers.
     *
     * @param from when present, ports are taken one after the other from here instead of the preferred ones
     */
    static PortPlan choose(Collection<Port> needed, OptionalInt from, IntPredicate free) {
        Map<Port, Integer> wanted = new EnumMap<>(Port.class);
        for (Port port : needed) {
            wanted.put(port, from.isPresent() ? from.getAsInt() + wanted.size() : port.preferred());
        }
        Map<Port, Integer> chosen = new EnumMap<>(Port.class);
        List<String> moved = new ArrayList<>();
        Set<Integer> reserved = new HashSet<>(wanted.values());
        wanted.forEach((port, number) -> {
            int found = number;
            while ((found != number && reserved.contains(found)) || !free.test(found)) {
                found++;
                if (found > HIGHEST) {
                    throw new io.pgcaretaker.cli.local.CannotException("no port is free from " + number + " upwards");
                }
            }
            reserved.add(found);
            chosen.put(port, found);
            if (found != number) {
                moved.add(number + " is taken, " + port.user() + " uses " + found);
            }
        });
        return new PortPlan(chosen, moved);
    }

    /** Nobody answers there, on IPv4 or IPv6, and it can be listened to. */
    static boolean isFree(int port) {
        return !answers(Loopback.V4, port) && !answers(Loopback.V6, port) && canListen(port);
    }

    private static boolean answers(java.net.InetAddress host, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), 200);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean canListen(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(Loopback.V4, port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
