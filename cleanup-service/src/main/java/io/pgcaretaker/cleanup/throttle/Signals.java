package io.pgcaretaker.cleanup.throttle;

import org.jspecify.annotations.Nullable;

/**
 * What the server says of itself at one moment, from plain views.
 *
 * @param standbys connected ones
 * @param replayBytes what the slowest of them has not replayed, or received where it only does that; absent: it cannot be seen, or there is none
 * @param slotBytes WAL that the farthest behind slot keeps; absent: there is none
 * @param archiverFails the last attempt to archive WAL failed
 * @param archiveBacklog WAL files that were finished since the last one that was archived
 * @param autovacuum works on the table; where the role may not see whose work it is, any maintenance of it
 * @param waiting sessions that wait for a lock on the table
 */
public record Signals(
        int standbys,
        @Nullable Long replayBytes,
        @Nullable Long slotBytes,
        boolean archiverFails,
        int archiveBacklog,
        boolean autovacuum,
        int waiting) {}
