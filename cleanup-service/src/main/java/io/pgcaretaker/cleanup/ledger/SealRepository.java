package io.pgcaretaker.cleanup.ledger;

import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The chain over all runs that have ended with lines; a trigger of the database writes it. */
final class SealRepository {

    /**
     * One run's.
     *
     * @param seq 1, 2, 3 … over all runs
     * @param ledgerSeq the run's last line when it ended
     * @param lineHash of that line as it is now; absent: it is not there
     */
    record Seal(
            long seq,
            UUID run,
            int ledgerSeq,
            String ledgerHash,
            String prevHash,
            String hash,
            @Nullable String lineHash) {

        boolean isIntact() {
            return hash.equals(LedgerLine.sha256(String.join(
                    "\n", Long.toString(seq), run.toString(), Integer.toString(ledgerSeq), ledgerHash, prevHash)));
        }
    }

    /** In their order, after {@code seq}. */
    List<Seal> after(Session session, long seq, int limit) throws SQLException {
        return session.query(
                Sql.of("""
                        /* caretaker.cleanup.ledger-seals */
                        select s.*, l.hash as line_hash
                        from caretaker.cleanup_ledger_seal s
                        left join caretaker.cleanup_ledger l on l.run_id = s.run_id and l.seq = s.ledger_seq
                        where s.seq > ?
                        order by s.seq
                        limit ?
                        """, seq, limit),
                row -> new Seal(
                        row.getLong("seq"),
                        row.getObject("run_id", UUID.class),
                        row.getInt("ledger_seq"),
                        row.getString("ledger_hash"),
                        row.getString("prev_hash"),
                        row.getString("hash"),
                        row.getString("line_hash")));
    }

    /** Runs that have ended with lines, and that no seal names as they are now. */
    List<LedgerAudit.Fault> unsealed(Session session, int limit) throws SQLException {
        return session.query(
                Sql.of("""
                        /* caretaker.cleanup.ledger-unsealed */
                        select id, ledger_seq
                        from caretaker.cleanup_run r
                        where finished_at is not null
                          and ledger_seq > 0
                          and not exists (
                            select 1
                            from caretaker.cleanup_ledger_seal s
                            where s.run_id = r.id
                              and s.ledger_seq = r.ledger_seq
                              and s.ledger_hash = r.ledger_hash)
                        order by id
                        limit ?
                        """, limit),
                row -> new LedgerAudit.Fault(
                        row.getObject("id", UUID.class),
                        row.getInt("ledger_seq"),
                        "the run has ended, and no seal names its last line"));
    }
}
