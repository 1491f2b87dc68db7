package io.pgcaretaker.cleanup.preflight;

import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.catalogue.ColumnFacts;
import io.pgcaretaker.cleanup.catalogue.ForeignKey;
import io.pgcaretaker.cleanup.catalogue.IndexRepository;
import io.pgcaretaker.cleanup.catalogue.Member;
import io.pgcaretaker.cleanup.catalogue.MemberRepository;
import io.pgcaretaker.cleanup.catalogue.OperatorRepository.Column;
import io.pgcaretaker.cleanup.catalogue.OperatorRepository.Comparison;
import io.pgcaretaker.cleanup.catalogue.ReplicationRepository.Change;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.policy.Action;
import io.pgcaretaker.cleanup.policy.Condition;
import io.pgcaretaker.cleanup.policy.Notice;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.statement.Ages;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Dependent;
import io.pgcaretaker.cleanup.statement.RestoreStatements;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** Proves a policy against the catalogue as it is now. What is not proven is not armed. */
public final class Preflight {

    /** Runs, ledger and holds are in it: a policy that deletes from them would take the proof away. */
    private static final String CARETAKER = "caretaker";

    private final Transactions transactions;
    private final CatalogueRepository catalogue;
    private final IndexRepository indexes = new IndexRepository();
    private final MemberRepository members = new MemberRepository();
    private final ReplicationChecks replication = new ReplicationChecks();
    private final OperatorChecks operators = new OperatorChecks();

    /** By the policy's hash. */
    private final Map<String, Look> looks = new ConcurrentHashMap<>();

    public Preflight(Transactions transactions, CatalogueRepository catalogue) {
        this.transactions = transactions;
        this.catalogue = catalogue;
    }

    /**
     * What a look at a policy said.
     *
     * @param word of {@link Readiness}, and its reasons
     * @param nanoTime when it was
     */
    public record Look(String word, List<String> reasons, long nanoTime) {
        public Look {
            reasons = List.copyOf(reasons);
        }
    }

    /** The last one, for who needs to know of very many policies at once; empty: there was none. */
    public Optional<Look> last(RetentionPolicy policy) {
        return Optional.ofNullable(looks.get(policy.hash()));
    }

    public Readiness check(RetentionPolicy policy) {
        Readiness readiness = look(policy);
        looks.put(policy.hash(), new Look(readiness.word(), readiness.reasons(), System.nanoTime()));
        return readiness;
    }

    private Readiness look(RetentionPolicy policy) {
        try {
            return checkNow(policy);
        } catch (DatabaseFailure e) {
            if (e.isOutOfResources() && !e.isConnectionLoss()) {
                return unseen(e);
            }
            if (!e.isLockTimeout()) {
                throw e;
            }
            return new Readiness.Blocked(List.of("somebody has locked " + policy.table()
                    + ", or waits for it, so it cannot be looked at; the next look may tell"));
        }
    }

    /**
     * The same, for who can come back.
     *
     * @throws DatabaseFailure by a lock timeout: somebody has locked the table, or waits for it; or where the server has no room
     */
    public Readiness checkNow(RetentionPolicy policy) {
        try {
            return transactions.run("cleanup.preflight", session -> check(session, policy));
        } catch (HoldChecks.ChangedKeyException e) {
            return new Readiness.Blocked(List.of(e.sentence()));
        } catch (DatabaseFailure e) {
            if (e.isConnectionLoss() || e.isLockTimeout() || e.isOutOfResources()) {
                throw e;
            }
            if (e.isUnknownZone()) {
                return new Readiness.Blocked(List.of("PostgreSQL does not know the time zone "
                        + policy.age().zone() + ", Java's list may be newer; name another one of the same rules"));
            }
            // What PostgreSQL does not even plan is this policy's trouble, and no other's.
            return unseen(e);
        }
    }

    /** It could not be looked at, and why. */
    public static Readiness unseen(DatabaseFailure failure) {
        return new Readiness.Blocked(List.of(failure.refusal()
                .orElse("it could not be looked at, so nothing goes (" + failure.getMessage()
                        + "); the next look may tell")));
    }

    /** The policy's table, where there is exactly one and it has the columns; it need not be safe to delete from. */
    public Optional<Table> table(RetentionPolicy policy) {
        return transactions.run("cleanup.table", session -> {
            List<Long> found = catalogue.find(session, policy.schema(), policy.table());
            return found.size() == 1
                    ? catalogue
                            .table(session, found.get(0))
                            .filter(table -> columnProblems(policy, table).isEmpty())
                    : Optional.<Table>empty();
        });
    }

    /** What goes with a row of the policy's table, along which foreign keys; it need not be safe to delete. Empty: too much to say. */
    public Optional<List<Dependent>> dependents(RetentionPolicy policy, Table table) {
        return transactions.run("cleanup.dependents", session -> {
            DependencyGraph graph = new DependencyGraph(catalogue, session, policy);
            graph.follow(table);
            return graph.isTooMany() ? Optional.empty() : Optional.of(graph.dependents());
        });
    }

    private Readiness check(Session session, RetentionPolicy policy) throws SQLException {
        List<Long> found = catalogue.find(session, policy.schema(), policy.table());
        if (found.isEmpty()) {
            Optional<Readiness> meant = nameWithSchema(session, policy);
            if (meant.isPresent()) {
                return meant.get();
            }
            return new Readiness.NotApplicable(
                    "there is no table " + (policy.schema() == null ? "" : policy.schema() + ".") + policy.table());
        }
        List<Table> tables = new ArrayList<>();
        for (Long oid : found) {
            catalogue.table(session, oid).ifPresent(tables::add);
        }
        if (tables.size() == 1 && tables.get(0).name().schema().equals(CARETAKER)) {
            return new Readiness.Blocked(List.of(tables.get(0).name()
                    + " is Caretaker's own: what it keeps ages out by itself, and what proves something stays"));
        }
        if (tables.size() != 1) {
            return new Readiness.Blocked(List.of("there is more than one table of that name: "
                    + tables.stream().map(table -> table.name().toString()).toList()
                    + "; say which with caretaker.cleanup.policies.\"" + policy.name() + "\".schema"));
        }
        return check(session, policy, tables.get(0));
    }

    /** The schema stands in the table's name: it would be not applicable for ever, which is nobody's alert. */
    private Optional<Readiness> nameWithSchema(Session session, RetentionPolicy policy) throws SQLException {
        int dot = policy.table().indexOf('.');
        if (policy.schema() != null || dot < 0) {
            return Optional.empty();
        }
        String schema = policy.table().substring(0, dot);
        String table = policy.table().substring(dot + 1);
        return catalogue.find(session, schema, table).isEmpty()
                ? Optional.empty()
                : Optional.of(new Readiness.Blocked(List.of("there is no table of the name '" + policy.table()
                        + "'; write schema: " + schema + " and table: " + table)));
    }

    private Readiness check(Session session, RetentionPolicy policy, Table table) throws SQLException {
        List<String> columns = columnProblems(policy, table);
        if (!columns.isEmpty()) {
            if (policy.optional()) {
                return new Readiness.NotApplicable(String.join("; ", columns));
            }
            return new Readiness.Misconfigured(columns);
        }
        List<String> problems = new ArrayList<>(TableChecks.problems(table, policy));
        problems.addAll(HoldChecks.lost(session, policy));
        problems.addAll(HoldChecks.foreign(session, policy, table));
        List<Member> members = this.members.members(session, table.oid());
        problems.addAll(TableChecks.problems(members, policy));
        problems.addAll(replication.problems(session, table.role()));
        List<String> key = policy.key().isEmpty() ? table.primaryKey() : policy.key();
        boolean whole = policy.action().is(Action.Kind.DROP_PARTITIONS);
        if (key.isEmpty() && !whole) {
            problems.add(table.name() + " has no primary key; add one, or name a unique key in the policy");
        } else if (!policy.key().isEmpty() && !indexes.identifies(session, table.oid(), key)) {
            problems.add(table.name() + " has no unique index over exactly " + key + " that allows no null");
        }
        List<ColumnFacts> facts = indexes.columns(session, table.oid());
        facts.stream()
                .filter(fact -> !whole && key.contains(fact.column()))
                .filter(fact -> fact.composite() || table.type(fact.column()).endsWith("[]"))
                .forEach(fact -> problems.add("column '" + fact.column() + "' of " + table.name() + " is "
                        + (fact.composite() ? "a composite type" : "an array")
                        + ", by which no row can be named in a list; name another unique key in the policy"));
        problems.addAll(TimeChecks.problems(policy, table, facts));
        if (policy.age().epoch() == null) {
            session.query(
                    Sql.of("/* caretaker.cleanup.zone */ select "
                            + Ages.instant(table.type(policy.age().column()), policy.age(), "timestamp '2000-01-01'")),
                    row -> true);
        }
        List<String> below = new ArrayList<>();
        DependencyGraph graph = new DependencyGraph(catalogue, session, policy);
        if (!whole) {
            problems.addAll(replication.problems(
                    session, table, policy.action().is(Action.Kind.ANONYMISE) ? Change.UPDATE : Change.DELETE));
        }
        if (policy.action().is(Action.Kind.ANONYMISE)) {
            List<String> unfit = MaskChecks.problems(policy, table, key, facts);
            problems.addAll(unfit);
            if (unfit.isEmpty()) {
                problems.addAll(new MaskRefusals()
                        .problems(session, table, policy.action().masks()));
            }
        } else if (whole) {
            problems.addAll(new PartitionChecks(catalogue).problems(session, policy, table));
        } else {
            graph.follow(table);
            below.addAll(graph.problems());
            if (!graph.isTooMany()) {
                below.addAll(unreached(session, policy, table, graph.dependents()));
                below.addAll(RestoreStatements.problems(policy, graph.dependents()));
            }
        }
        if (policy.action().is(Action.Kind.ARCHIVE) && !graph.dependents().isEmpty()) {
            below.add("rows of " + graph.dependents().get(0).table().name() + " would go with those of "
                    + table.name()
                    + " and only these are archived; make that foreign key on delete set null, or let the"
                    + " policy delete or anonymise");
        }
        List<Column> compared = OperatorChecks.columns(policy, table, whole ? List.of() : key, graph.keepers());
        List<Comparison> comparisons = operators.comparisons(session, compared);
        problems.addAll(operators.problems(session, compared, comparisons, table.role()));
        if (!problems.isEmpty()) {
            problems.addAll(below);
            return new Readiness.Blocked(problems);
        }
        ArmedPolicy armed = new ArmedPolicy(
                policy,
                table,
                key,
                facts.stream()
                        .filter(fact -> !fact.generated())
                        .map(ColumnFacts::column)
                        .toList(),
                below.isEmpty() ? graph.dependents() : List.of(),
                below.isEmpty() ? graph.unset() : List.of(),
                below.isEmpty() ? graph.altered() : List.of(),
                members.stream().allMatch(Member::direct),
                indexes.isWhole(session, table.oid(), policy.age().column()),
                comparisons.stream().map(Comparison::operator).distinct().toList(),
                null);
        // Whatever is in the way below: who makes indexes wants to know of all that are missing.
        if (!whole) {
            indexProblem(session, armed).ifPresent(below::add);
        }
        if (below.isEmpty()) {
            below.addAll(HoldChecks.moved(session, armed));
            below.addAll(HoldChecks.changed(session, armed));
        }
        return below.isEmpty() ? new Readiness.Armed(armed) : new Readiness.Blocked(below);
    }

    /** Their rows are to go with those of the policy, and would stay behind without a word. */
    private List<String> unreached(Session session, RetentionPolicy policy, Table table, List<Dependent> dependents)
            throws SQLException {
        List<String> problems = new ArrayList<>();
        for (String listed : policy.dependents()) {
            boolean goes = dependents.stream()
                    .map(dependent -> dependent.table().name())
                    .anyMatch(name -> listed.equals(name.table()) || listed.equals(name.toString()));
            if (!goes && isThere(session, listed)) {
                problems.add("dependents names " + listed + ", of which no row goes with a row of " + table.name()
                        + ": no foreign key leads there that is enforced and not set to null or default; make one, or take"
                        + " the table out of dependents");
            }
        }
        return problems;
    }

    private boolean isThere(Session session, String listed) throws SQLException {
        int dot = listed.indexOf('.');
        return !catalogue.find(session, null, listed).isEmpty()
                || (dot > 0
                        && !catalogue
                                .find(session, listed.substring(0, dot), listed.substring(dot + 1))
                                .isEmpty());
    }

    private static List<String> columnProblems(RetentionPolicy policy, Table table) {
        Set<String> needed = new TreeSet<>(policy.key());
        needed.add(policy.age().column());
        policy.filter().forEach(condition -> needed.add(condition.column()));
        policy.restore().forEach(undo -> needed.add(undo.column()));
        policy.action().masks().forEach(mask -> needed.add(mask.column()));
        Notice notice = policy.notice();
        if (notice != null) {
            needed.add(notice.emailColumn());
            Optional.ofNullable(notice.nameColumn()).ifPresent(needed::add);
        }
        List<String> problems = new ArrayList<>();
        for (String column : needed) {
            if (!table.columns().containsKey(column)) {
                problems.add("column '" + column + "' is not in " + table.name() + "; there are "
                        + new TreeSet<>(table.columns().keySet()));
            }
        }
        if (table.columns().containsKey(policy.age().column())) {
            Ages.problem(policy.age(), table).ifPresent(problems::add);
        }
        for (Condition condition : policy.filter()) {
            String type = table.columns().get(condition.column());
            boolean truth = condition.is() == Condition.Is.TRUE || condition.is() == Condition.Is.FALSE;
            if (type != null && truth && !type.equals("boolean")) {
                problems.add(
                        "column '" + condition.column() + "' of " + table.name() + " must be boolean, but is " + type);
            }
        }
        return problems;
    }

    private Optional<String> indexProblem(Session session, ArmedPolicy armed) throws SQLException {
        if (new IndexProof(session, indexes).isServed(armed)) {
            return Optional.empty();
        }
        List<String> columns = new ArrayList<>(List.of(armed.policy().age().column()));
        armed.key().stream().filter(column -> !columns.contains(column)).forEach(columns::add);
        return Optional.of("no index serves " + armed.policy().age().column() + ", every batch would read the whole of "
                + armed.table().name() + "; run: "
                + ForeignKey.createIndex(armed.table().name(), armed.isPartitioned(), columns));
    }
}
