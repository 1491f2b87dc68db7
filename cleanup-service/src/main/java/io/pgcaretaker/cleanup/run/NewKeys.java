package io.pgcaretaker.cleanup.run;

import io.pgcaretaker.cleanup.catalogue.ForeignKey;
import io.pgcaretaker.cleanup.catalogue.OperatorRepository;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.plan.ArmedPolicy;
import io.pgcaretaker.cleanup.plan.Dependent;
import io.pgcaretaker.cleanup.plan.OperatorChecks;
import io.pgcaretaker.cleanup.policy.Action;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Foreign keys that pre-flight has not seen: a migration may add one while a run goes on for hours, and what cascades by it
 * would be counted nowhere, and kept by no hold. It may take one away, too, or make it another one, and what refers by it is to stay
 * from then on. So may a table that has taken the place of the one that was seen, ages that
 * have become times of another kind, row-level security that hides what is to go, or a trigger or a rule, which
 * may do anything.
 */
final class NewKeys {

    private static final Sql NO_KEYS = Sql.of(
            "pg_constraint k join pg_trigger t on t.tgconstraint = k.oid join (select 1 where false) as nothing on true");

    /** In {@code tgtype}. */
    private static final int ON_DELETE = 8;

    private static final int ON_UPDATE = 16;

    private NewKeys() {}

    /** Rolls the batch back and ends the run: the next one's pre-flight looks at the key. */
    static final class FoundException extends RuntimeException {
        FoundException(String what) {
            super(what + " while the run went on; nothing of this batch was deleted, the next run looks at it first");
        }
    }

    /** Where no batch has looked, because nothing was there to go. */
    static boolean look(Session session, ArmedPolicy armed) throws SQLException {
        refuse(session.query(find(armed), row -> row.getString(1)));
        return true;
    }

    /**
     * Says what is new, after a batch has taken its rows: until it ends, its locks on their tables let nobody add a key,
     * rename one of them or change a column.
     */
    static Sql find(ArmedPolicy armed) {
        List<Table> tables = tables(armed);
        List<String> oids =
                tables.stream().map(table -> String.valueOf(table.oid())).toList();
        List<String> names = tables.stream().map(table -> table.name().quoted()).toList();
        List<ForeignKey> seen = seen(armed);
        List<String> unset = armed.unset().stream()
                .map(key -> String.valueOf(key.childOid()))
                .toList();
        return Sql.format(
                        """
                /* caretaker.cleanup.new-keys */
                select t.name || ' has become another table' as what
                from unnest(cast(%s as oid[]), cast(%s as text[])) as t (oid, name)
                where cast(to_regclass(t.name) as oid) is distinct from t.oid
                union all
                select t.name || ' has become a partition of another table'
                from unnest(cast(%s as oid[]), cast(%s as text[])) as t (oid, name)
                join pg_class c on c.oid = t.oid
                where c.relispartition
                union all
                select 'the foreign key ' || s.name || ' of ' || s.child
                  || case when f.oid is null then ' was dropped' else ' has become another one' end
                from unnest(cast(%s as oid[]), cast(%s as text[]), cast(%s as text[]), cast(%s as text[]))
                  as s (oid, child, name, definition)
                left join pg_constraint f on f.conrelid = s.oid and f.conname = s.name and f.contype = 'f'
                where %s is distinct from s.definition
                union all
                select 'the operator ' || cast(o as regoperator) || ' is not found by this session, whose search path is not what it was'
                from pg_catalog.unnest(cast(%s as oid[])) as o
                where not pg_operator_is_visible(o)
                union all
                %s
                union all
                select 'row-level security has come to hide rows of ' || t.name || ' from the role ' || current_user
                from unnest(cast(%s as oid[]), cast(%s as text[])) as t (oid, name)
                where row_security_active(t.oid)
                union all
                select 'the table ' || cast(i.inhrelid as regclass) || ' has come to inherit from ' || t.name
                from unnest(cast(%s as oid[]), cast(%s as text[])) as t (oid, name)
                join pg_class c on c.oid = t.oid
                join pg_inherits i on i.inhparent = c.oid
                where c.relkind <> 'p'
                union all
                select 'the foreign key ' || k.conname || ' of ' || cast(k.conrelid as regclass)
                  || ' has been switched off with the triggers of ' || cast(k.confrelid as regclass)
                from %s
                where t.tgenabled in ('D', 'R')
                  and (t.tgtype & 8) <> 0
                union all
                select 'the trigger ' || t.tgname || ' of ' || cast(t.tgrelid as regclass) || ' was added'
                from pg_trigger t
                where t.tgrelid in %s
                  and not t.tgisinternal
                  and t.tgenabled <> 'D'
                  and (t.tgtype & %s) <> 0
                  and t.tgname <> all (cast(%s as text[]))
                  -- Ours: what is held is not taken.
                  and t.tgfoid is distinct from to_regprocedure('caretaker.refuse_held_delete()')
                union all
                select 'the trigger ' || t.tgname || ' of ' || cast(t.tgrelid as regclass) || ' was added'
                from pg_trigger t
                where t.tgrelid in %s
                  and not t.tgisinternal
                  and t.tgenabled <> 'D'
                  and (t.tgtype & 16) <> 0
                  and t.tgname <> all (cast(%s as text[]))
                  and t.tgfoid is distinct from to_regprocedure('caretaker.refuse_held_delete()')
                union all
                select 'the rule ' || r.rulename || ' of ' || cast(r.ev_class as regclass) || ' was added'
                from pg_rewrite r
                where r.ev_enabled in ('O', 'A')
                  and (r.ev_type = cast(%s as "char")
                      and r.ev_class in %s
                    or r.ev_type = '2'
                      and r.ev_class in %s)
                union all
                select 'the column ' || a.attname || ' of ' || %s || ' has become ' || format_type(a.atttypid, a.atttypmod)
                from pg_attribute a
                where a.attrelid = %s
                  and a.attname = %s
                  and format_type(a.atttypid, a.atttypmod) <> %s
                union all
                select 'the foreign key ' || k.conname || ' of ' || cast(k.conrelid as regclass) || ' was added'
                from %s
                where k.contype = 'f'
                  and k.conparentid = 0
                  and k.confdeltype in ('c', 'n', 'd')
                  and k.conrelid || ' ' || k.conname <> all (cast(%s as text[]))
                order by what
                limit 1
                """,
                        Sql.of("?", oids),
                        Sql.of("?", names),
                        Sql.of("?", oids),
                        Sql.of("?", names),
                        of(seen, key -> String.valueOf(key.childOid())),
                        of(seen, key -> key.child().quoted()),
                        of(seen, ForeignKey::name),
                        of(seen, ForeignKey::definition),
                        Sql.of(ForeignKey.DEFINITION),
                        of(armed.operators(), String::valueOf),
                        OperatorRepository.intruding(OperatorChecks.columns(armed), "has come to compare"),
                        Sql.of("?", oids),
                        Sql.of("?", names),
                        Sql.of("?", oids),
                        Sql.of("?", names),
                        isMasked(armed) ? NO_KEYS : triggers(tables, oids),
                        // At a drop none fires, whatever a partition has of its own.
                        armed.policy().action().is(Action.Kind.DROP_PARTITIONS) ? only(oids) : all(tables, oids),
                        Sql.of("cast(? as int)", isMasked(armed) ? ON_UPDATE : ON_DELETE),
                        Sql.of("?", List.copyOf(armed.policy().triggers())),
                        // What PostgreSQL updates when a row goes.
                        armed.unset().stream().anyMatch(ForeignKey::childPartitioned) ? beneath(unset) : only(unset),
                        Sql.of("?", List.copyOf(armed.policy().triggers())),
                        Sql.of("?", isMasked(armed) ? "2" : "4"),
                        named(armed, oids),
                        only(unset),
                        Sql.of("cast(? as text)", armed.table().name().quoted()),
                        Sql.of("?", armed.table().oid()),
                        Sql.of("?", armed.policy().age().column()),
                        Sql.of("?", armed.ageType()),
                        // Nothing happens to what refers to a row that is masked: it stays.
                        isMasked(armed) ? NO_KEYS : keys(tables, oids),
                        of(seen, key -> key.childOid() + " " + key.name()))
                .plannedOnce();
    }

    private static <T> Sql of(List<T> things, Function<T, String> text) {
        return Sql.of("?", things.stream().map(text).toList());
    }

    /** Rows go from these. */
    private static List<Table> tables(ArmedPolicy armed) {
        return Stream.concat(
                        Stream.of(armed.table()), armed.dependents().stream().map(Dependent::table))
                .distinct()
                .toList();
    }

    private static boolean isMasked(ArmedPolicy armed) {
        return armed.policy().action().is(Action.Kind.ANONYMISE);
    }

    /**
     * By the triggers, which have an index by table. A key of one partition has its triggers there, and before PostgreSQL 15
     * one of all has none at the top: where there are partitions, all keys are looked through.
     */
    private static Sql keys(List<Table> tables, List<String> oids) {
        return isPartitioned(tables)
                ? Sql.format("pg_constraint k\njoin %s as t on t.oid = k.confrelid", beneath(oids))
                : triggers(tables, oids);
    }

    /** Those of foreign keys, on the tables that they refer to. */
    private static Sql triggers(List<Table> tables, List<String> oids) {
        return Sql.format("""
                pg_trigger t
                join pg_constraint k on k.oid = t.tgconstraint and k.confrelid = t.tgrelid
                  and t.tgrelid in %s""", all(tables, oids));
    }

    private static Sql all(List<Table> tables, List<String> oids) {
        return isPartitioned(tables) ? beneath(oids) : only(oids);
    }

    /** Tables that statements name: with a rule of a partition nobody meets who goes through its table. */
    private static Sql named(ArmedPolicy armed, List<String> oids) {
        return armed.isPartitioned() && armed.byBlocks()
                ? Sql.format(
                        "(select oid from %s as t union select pg_catalog.unnest(cast(%s as oid[])))",
                        beneath(List.of(String.valueOf(armed.table().oid()))), Sql.of("?", oids))
                : only(oids);
    }

    private static Sql only(List<String> oids) {
        return Sql.of("(select pg_catalog.unnest(cast(? as oid[])))", oids);
    }

    private static boolean isPartitioned(List<Table> tables) {
        return tables.stream().anyMatch(table -> table.kind().equals("p"));
    }

    /** The tables and all their partitions. */
    private static Sql beneath(List<String> oids) {
        return Sql.of("""
                (
                  select o as oid from pg_catalog.unnest(cast(? as oid[])) as o
                  union
                  select p.relid from pg_catalog.unnest(cast(? as oid[])) as o cross join pg_partition_tree(o) as p
                )""", oids, oids);
    }

    /** Rolls the batch back where {@link #find} found any. */
    static void refuse(List<String> found) {
        if (!found.isEmpty()) {
            throw new FoundException(found.get(0));
        }
    }

    /** What is done with the rows that refer to others is what these said then. */
    private static List<ForeignKey> seen(ArmedPolicy armed) {
        Stream<ForeignKey> down = armed.dependents().stream()
                .map(dependent -> dependent.path().get(dependent.path().size() - 1));
        return Stream.concat(down, armed.unset().stream()).distinct().toList();
    }
}
