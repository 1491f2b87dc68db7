package io.pgcaretaker.cleanup.archive;

import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.catalogue.IndexRepository;
import io.pgcaretaker.cleanup.catalogue.StoredColumn;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Whether a table still takes the rows that were archived from it, and what is in the way. */
final class ArchiveTarget {

    private static final String NOT_NULL_VIOLATION = "23502";
    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    /** Of a table, or a partitioned one. */
    private static final Set<String> TABLES = Set.of("r", "p");

    private final CatalogueRepository catalogue;
    private final IndexRepository indexes = new IndexRepository();
    private final RestoreRecords records = new RestoreRecords();

    ArchiveTarget(CatalogueRepository catalogue) {
        this.catalogue = catalogue;
    }

    /** What the catalogue says is in the way. */
    Optional<String> problem(Session session, Manifest manifest, boolean fireTriggers) throws SQLException {
        List<Long> found = catalogue.find(session, manifest.schema(), manifest.table());
        Optional<Table> table = found.size() == 1 ? catalogue.table(session, found.get(0)) : Optional.empty();
        if (table.isEmpty() || !TABLES.contains(table.get().kind())) {
            return Optional.of("there is no table " + manifest.schema() + "." + manifest.table());
        }
        List<StoredColumn> stored = catalogue.storedColumns(session, table.get().name());
        Optional<String> problem = columnProblem(manifest, table.get(), stored);
        if (problem.isEmpty()) {
            problem = exchangeProblem(manifest, stored);
        }
        if (problem.isEmpty()) {
            problem = rightProblem(session, table.get());
        }
        if (problem.isEmpty()) {
            problem = twinProblem(session, manifest, table.get());
        }
        return problem.isPresent() || fireTriggers ? problem : triggerProblem(session, table.get());
    }

    private static Optional<String> columnProblem(Manifest manifest, Table table, List<StoredColumn> stored) {
        for (Manifest.Column column : manifest.columns()) {
            String now = table.columns().get(column.name());
            if (now == null || !(isSameType(column.type(), now) || Widening.reads(column.type(), now))) {
                return Optional.of("column '" + column.name() + "' was " + column.type() + " and is "
                        + (now == null ? "not there any more" : now));
            }
            if (stored.stream().noneMatch(there -> there.name().equals(column.name()))) {
                return Optional.of("column '" + column.name() + "' is generated now, and takes no value");
            }
        }
        return Optional.empty();
    }

    /** Where names were exchanged, each value would come back under the other one's. */
    private static Optional<String> exchangeProblem(Manifest manifest, List<StoredColumn> stored) {
        Map<String, StoredColumn> byName = by(StoredColumn::name, stored);
        Map<String, StoredColumn> byPlace = by(StoredColumn::place, stored);
        for (Manifest.Column column : manifest.columns()) {
            if (column.place() == null) {
                continue;
            }
            StoredColumn there = byPlace.get(column.place());
            if (there != null && !there.name().equals(column.name())) {
                return Optional.of("column '" + column.name() + "' is called '" + there.name()
                        + "' now, and another one has its name");
            }
            StoredColumn namesake = Objects.requireNonNull(byName.get(column.name()));
            if (!Objects.equals(column.fields(), namesake.fields())) {
                return Optional.of("the type of column '" + column.name() + "' was " + column.fields() + " and is "
                        + namesake.fields());
            }
        }
        return Optional.empty();
    }

    private static Map<String, StoredColumn> by(Function<StoredColumn, String> what, List<StoredColumn> stored) {
        return stored.stream().collect(Collectors.toMap(what, Function.identity()));
    }

    /** PostgreSQL writes a type's schema only where the search path does not lead there, and that may be another one now. */
    private static boolean isSameType(String was, String now) {
        return was.equals(now) || was.endsWith("." + now) || now.endsWith("." + was);
    }

    private static Optional<String> rightProblem(Session session, Table table) throws SQLException {
        if (!table.reachable()) {
            return Optional.of(
                    "this role may not use the schema " + table.name().schema());
        }
        boolean may = session.first(Sql.of("""
                                /* caretaker.cleanup.archive-right */
                                select has_any_column_privilege(cast(? as oid), 'insert')
                                """, Long.toString(table.oid())), row -> row.getBoolean(1))
                .orElse(false);
        if (!may) {
            return Optional.of("this role may not insert there; as the owner of the table run: grant insert on "
                    + table.name().quoted() + " to \"" + table.role().replace("\"", "\"\"") + "\"");
        }
        return table.rowSecurity()
                ? Optional.of(
                        "row-level security of " + table.name() + " applies to this role, and COPY does not go with it")
                : Optional.empty();
    }

    /** A row that is there again is refused by its key; where the key has gone since, only the record of the first time can tell. */
    private Optional<String> twinProblem(Session session, Manifest manifest, Table table) throws SQLException {
        if (indexes.refusesTwins(session, table.oid())) {
            return Optional.empty();
        }
        return records.lastOf(session, manifest.file())
                .map(last -> "it was read back at " + last.restoredAt() + " by " + last.restoredBy() + ", and "
                        + table.name()
                        + " has no key any more by which its rows would be known if they are there; add one");
    }

    /** Nobody expects a letter to be sent, or an audit to be written, for what has been there before. */
    private static Optional<String> triggerProblem(Session session, Table table) throws SQLException {
        List<String> triggers = session.query(
                Sql.of("""
                        /* caretaker.cleanup.archive-triggers */
                        select distinct tgname
                        from pg_trigger
                        where tgrelid in (select cast(? as oid) union all select relid from pg_partition_tree(cast(? as oid)))
                          and not tgisinternal
                          and tgenabled in ('O', 'A')
                          and (tgtype & 4) <> 0
                        order by tgname
                        """, Long.toString(table.oid()), Long.toString(table.oid())), row -> row.getString(1));
        return triggers.isEmpty()
                ? Optional.empty()
                : Optional.of("triggers of " + table.name() + " fire for rows that are put in, and may write or send"
                        + " something: " + String.join(", ", triggers)
                        + "; let its owner switch them off meanwhile (alter table … disable trigger …), or ask again"
                        + " with {\"fireTriggers\": true}");
    }

    /** Why PostgreSQL did not take the rows; empty where that says nothing about them. */
    static Optional<String> refusal(DatabaseFailure failure) {
        String state = "SQL state " + failure.sqlState();
        if (failure.isTaken()) {
            return Optional.of("rows with these keys are there again (" + failure.constraint() + ")");
        }
        if (failure.sqlState().equals(NOT_NULL_VIOLATION)) {
            return Optional.of("a row is not as the table wants it now (a column that must not be null)");
        }
        if (failure.isConstraintViolation()) {
            return Optional.of("a row is not as the table wants it now ("
                    + (failure.constraint() == null ? "no partition, or a check, takes it" : failure.constraint())
                    + ")");
        }
        if (failure.isRetryable()) {
            return Optional.of("the table is locked by somebody, or reading took too long");
        }
        if (failure.isPassing() || failure.isReadOnly() || failure.isInternal()) {
            return Optional.empty();
        }
        if (failure.isBadValue()) {
            return Optional.of("a value cannot be one of its column's type any more, such as a label that an enum has"
                    + " no more (" + state + ")");
        }
        if (failure.sqlState().equals(INSUFFICIENT_PRIVILEGE)) {
            return Optional.of("this role lacks a privilege that the table, its default values or its triggers need ("
                    + state + "); PostgreSQL's log names it");
        }
        return Optional.of("PostgreSQL, or a trigger of the table, refuses a row (" + state
                + "); PostgreSQL's log has its sentence");
    }
}
