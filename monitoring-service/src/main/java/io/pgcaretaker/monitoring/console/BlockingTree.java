package io.pgcaretaker.monitoring.console;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.pgcaretaker.monitoring.collect.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Arranges sessions by who waits for whom: at the top who blocks and waits for nobody. */
final class BlockingTree {

    /**
     * A session and those that wait for it. One that waits for several stands under each.
     *
     * @param session its columns as they were read
     * @param blocks those that wait for it, and who waits for them
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Node(Map<String, @Nullable Object> session, List<Node> blocks) {}

    private final Map<Long, Row> sessions = new LinkedHashMap<>();
    private final Map<Long, List<Long>> waiters = new LinkedHashMap<>();

    BlockingTree(List<Row> rows) {
        for (Row row : rows) {
            sessions.put(row.count("pid"), row);
        }
        for (Row row : rows) {
            for (long blocker : blockers(row)) {
                waiters.computeIfAbsent(blocker, pid -> new ArrayList<>()).add(row.count("pid"));
            }
        }
    }

    private static List<Long> blockers(Row row) {
        return Arrays.stream(row.text("blockedBy").split(",", -1))
                .filter(pid -> !pid.isEmpty())
                .map(Long::valueOf)
                .distinct()
                .toList();
    }

    List<Node> roots() {
        List<Long> tops = new ArrayList<>(sessions.keySet().stream()
                .filter(pid -> blockers(row(pid)).stream().noneMatch(sessions::containsKey))
                .toList());
        if (tops.isEmpty() && !sessions.isEmpty()) {
            // A deadlock that the server has not yet resolved: everybody waits for somebody.
            tops.add(sessions.keySet().iterator().next());
        }
        return tops.stream().map(pid -> node(pid, new HashSet<>())).toList();
    }

    private Row row(long pid) {
        return sessions.getOrDefault(pid, new Row(Map.of("pid", pid)));
    }

    private Node node(long pid, Set<Long> above) {
        above.add(pid);
        List<Node> below = waiters.getOrDefault(pid, List.of()).stream()
                .filter(waiter -> !above.contains(waiter))
                .map(waiter -> node(waiter, new HashSet<>(above)))
                .toList();
        return new Node(row(pid).columns(), below);
    }
}
