package io.pgcaretaker.email.intake;

import java.util.List;
import java.util.UUID;

/** What became of a request whose mails are well formed. */
public sealed interface AcceptOutcome {

    /**
     * Committed.
     *
     * @param repeated true when an earlier request with this key had done it
     */
    record Accepted(List<UUID> ids, boolean repeated) implements AcceptOutcome {
        public Accepted {
            ids = List.copyOf(ids);
        }
    }

    /** The key belongs to another request. */
    record KeyReused() implements AcceptOutcome {}

    /** A request with this key is being worked on right now. */
    record KeyBusy() implements AcceptOutcome {}
}
