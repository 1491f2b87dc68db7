package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.ledger.ErasureRepository;
import io.pgcaretaker.problem.ProblemException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Digests that somebody has kept apart from the database, and when those were erased for whom they stand. What the database's own
 * ledger has as erased then, or later, had gone before its backup was made: who is there by that key is somebody else.
 */
final class GivenDigests implements Replay.Known {

    static final int MOST = 10_000;
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    private final Map<String, Instant> erased = new HashMap<>();
    private final @Nullable Instant since;
    private final ErasureRepository erasures;
    private final Set<String> earlier = new HashSet<>();

    /**
     * @param erasedAt when, of each; absent: nobody knows, and it may have been before any erasure of the ledger's
     * @param since who was erased later is looked for, whatever the ledger has; absent: the ledger tells
     */
    GivenDigests(
            List<String> digests,
            @Nullable List<Instant> erasedAt,
            @Nullable Instant since,
            ErasureRepository erasures) {
        if (digests.size() > MOST) {
            throw ProblemException.invalidField("digests", "must be at most " + MOST + "; send the rest apart");
        }
        if (!digests.stream()
                .allMatch(digest -> digest != null && DIGEST.matcher(digest).matches())) {
            throw ProblemException.invalidField("digests", "must each be 64 of 0-9 and a-f");
        }
        if (erasedAt != null && (erasedAt.size() != digests.size() || erasedAt.contains(null))) {
            throw ProblemException.invalidField("erasedAt", "must be as many as digests, a time for each");
        }
        for (int i = 0; i < digests.size(); i++) {
            erased.merge(
                    digests.get(i),
                    erasedAt == null ? Instant.MIN : erasedAt.get(i),
                    (one, other) -> one.isAfter(other) ? one : other);
        }
        this.since = since;
        this.erasures = erasures;
    }

    @Override
    public Set<String> among(Session session, List<String> digests) throws SQLException {
        Set<String> among = new HashSet<>(digests);
        among.retainAll(erased.keySet());
        if (since != null) {
            among.removeIf(digest -> isBefore(digest, since));
        } else if (!among.isEmpty()) {
            erasures.lastErased(session, List.copyOf(among)).forEach((digest, last) -> {
                if (!last.isBefore(erased.getOrDefault(digest, Instant.MIN)) && among.remove(digest)) {
                    earlier.add(digest);
                }
            });
        }
        return among;
    }

    private boolean isBefore(String digest, Instant moment) {
        Instant at = erased.getOrDefault(digest, Instant.MIN);
        return !at.equals(Instant.MIN) && at.isBefore(moment);
    }

    /** How many rows were passed over since this was asked the last time: somebody else had their key before. */
    long takeEarlier() {
        long rows = earlier.size();
        earlier.clear();
        return rows;
    }
}
