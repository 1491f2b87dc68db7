package io.pgcaretaker.cleanup.engine;

import io.pgcaretaker.cleanup.catalogue.ForeignKey;
import io.pgcaretaker.cleanup.catalogue.OperatorRepository;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.policy.Action;
import io.pgcaretaker.cleanup.preflight.OperatorChecks;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Dependent;
import io.pgcaretaker.cleanup.statement.Fragments;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What is not as pre-flight has seen it. A migration may add a foreign key while a run goes on for hours, and what cascades by it
 * would be counted nowhere, and kept by no hold. It may take one away, too, or make it another one, and what refers by it is to
 * stay from then on. So may a table that has taken the place of the one that was seen, ages that have become times of another
 * kind, row-level security that hides what is to go, or a trigger or a rule, which may do anything.
 */
final class SchemaDrift {

    private static final String UNION = "\nunion all\n";

    private final ArmedPolicy armed;
    private final boolean masked;
    private final List<Table> tables;
    private final Sql oids;
    private final Sql names;

    /** Tables in which a foreign key is set to null when a row goes. */
    private final Sql unset;

    private SchemaDrift(ArmedPolicy armed) {
        this.armed = armed;
        this.masked = armed.policy().action().is(Action.Kind.ANONYMISE);
        // Rows go from these.
        this.tables = Stream.concat(
                        Stream.of(armed.table()), armed.dependents().stream().map(Dependent::table))
                .distinct()
                .toList();
        this.oids = of(tables, table -> String.valueOf(table.oid()));
        this.names = of(tables, table -> table.name().quoted());
        this.unset = of(armed.unset(), key -> String.valueOf(key.childOid()));
    }

    /** Rolls the batch back and ends the run: the next one's pre-flight looks at it. */
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

    /** Rolls the batch back where {@link #find} found any. */
    static void refuse(List<String> found) {
        if (!found.isEmpty()) {
            throw new FoundException(found.get(0));
        }
    }

    /**
     * Says what is new, after a batch has taken its rows: until it ends, its locks on their tables let nobody add a key,
     * rename one of them or change a column.
     */
    static Sql find(ArmedPolicy armed) {
        return Sql.format("""
                        /* caretaker.cleanup.schema-drift */
                        select what
                        from (
                        %s
                        ) as drift (what)
                        order by what
                        limit 1
                        """, Fragments.join(new SchemaDrift(armed).parts(), UNION))
                .plannedOnce();
    }

    private List<Sql> parts() {
        List<Sql> parts = new ArrayList<>(List.of(tables(), children(), triggers(), rules(), age(), columns()));
        if (!armed.operators().isEmpty()) {
            parts.add(operators());
        }
        parts.add(OperatorRepository.intruding(OperatorChecks.columns(armed), "has come to compare"));
        // Nothing happens to what refers to a row that is masked: it stays.
        if (!masked) {
            parts.add(addedKeys());
            parts.add(keysWithoutTriggers());
        }
        if (armed.goesByKey() || armed.maySetNullInParts()) {
            parts.add(key());
        }
        List<ForeignKey> seen = seen();
        if (!seen.isEmpty()) {
            parts.add(changedKeys(seen));
        }
        if (!armed.unset().isEmpty()) {
            parts.add(updateTriggers());
            parts.add(hidden());
        }
        return parts;
    }

    private Sql tables() {
        return Sql.format("""
                select case
                    when cast(to_regclass(t.name) as oid) is distinct from t.oid
                      then t.name || ' has become another table'
                    when c.relispartition
                      then t.name || ' has become a partition of another table'
                    else 'row-level security has come to hide rows of ' || t.name || ' from the role ' || current_user
                  end
                from unnest(cast(%s as oid[]), cast(%s as text[])) as t (oid, name)
                left join pg_class c on c.oid = t.oid
                where cast(to_regclass(t.name) as oid) is distinct from t.oid
                  or c.relispartition
                  or row_security_active(t.oid)""", oids, names);
    }

    /** Of tables that lose a reference: a row that is held there keeps what it refers to. */
    private Sql hidden() {
        return Sql.format("""
                select 'row-level security has come to hide rows of ' || cast(c.oid as regclass) || ' from the role '
                  || current_user
                from pg_class c
                where c.oid in %s
                  and row_security_active(c.oid)""", only(unset));
    }

    private Sql children() {
        return Sql.format("""
                select 'the table ' || cast(i.inhrelid as regclass) || ' has come to inherit from ' || t.name
                from unnest(cast(%s as oid[]), cast(%s as text[])) as t (oid, name)
                join pg_class c on c.oid = t.oid
                join pg_inherits i on i.inhparent = c.oid
                where c.relkind <> 'p'""", oids, names);
    }

    /** Of what is done to the rows themselves. */
    private Sql triggers() {
        // At a drop none fires, whatever a partition has of its own.
        Sql on = armed.policy().action().is(Action.Kind.DROP_PARTITIONS) ? only(oids) : all();
        return triggers(on, masked ? "UPDATE" : "DELETE");
    }

    /** Of what PostgreSQL updates when a row goes. */
    private Sql updateTriggers() {
        boolean partitioned = armed.unset().stream().anyMatch(ForeignKey::childPartitioned);
        return triggers(partitioned ? beneath(unset) : only(unset), "UPDATE");
    }

    private Sql triggers(Sql on, String event) {
        // In tgtype.
        int bit = event.equals("UPDATE") ? 16 : 8;
        return Sql.format(
                """
                select 'the trigger ' || t.tgname || ' of ' || cast(t.tgrelid as regclass) || ' was added'
                from pg_trigger t
                where t.tgrelid in %s
                  and not t.tgisinternal
                  and t.tgenabled <> 'D'
                  and (t.tgtype & cast(%s as int)) <> 0
                  and t.tgname <> all (cast(%s as text[]))
                  -- Ours: what is held is not taken.
                  and t.tgfoid is distinct from to_regprocedure('caretaker.refuse_held_delete()')""",
                on, Sql.of("?", bit), Sql.of("?", List.copyOf(armed.policy().triggers())));
    }

    private Sql rules() {
        Sql rules = rules(masked ? "2" : "4", named());
        return armed.unset().isEmpty() ? rules : Fragments.join(List.of(rules, rules("2", only(unset))), UNION);
    }

    /** @param event in {@code ev_type}: 2 is an update, 4 a delete */
    private static Sql rules(String event, Sql on) {
        return Sql.format("""
                select 'the rule ' || r.rulename || ' of ' || cast(r.ev_class as regclass) || ' was added'
                from pg_rewrite r
                where r.ev_enabled in ('O', 'A')
                  and r.ev_type = cast(%s as "char")
                  and r.ev_class in %s""", Sql.of("?", event), on);
    }

    private Sql age() {
        return Sql.of(
                """
                select 'the column ' || a.attname || ' of ' || cast(? as text) || ' has become '
                  || format_type(a.atttypid, a.atttypmod)
                from pg_attribute a
                where a.attrelid = ?
                  and a.attname = ?
                  and format_type(a.atttypid, a.atttypmod) <> ?""",
                armed.table().name().quoted(),
                armed.table().oid(),
                armed.policy().age().column(),
                armed.ageType());
    }

    /** By another column of the same name rows may be old enough, or meet the filter, that are not or do not. */
    private Sql columns() {
        List<String> named = armed.columns();
        return Sql.format(
                """
                select 'the column ' || s.name || ' of ' || cast(%s as text) || ' has become another one'
                from unnest(cast(%s as text[]), cast(%s as int[])) as s (name, number)
                where not exists (
                  select 1
                  from pg_attribute a
                  where a.attrelid = %s
                    and a.attnum = s.number
                    and a.attname = s.name)""",
                Sql.of("?", armed.table().name().quoted()),
                of(named, name -> name),
                of(
                        named,
                        // One that got its name amid the look at the table is another one, too.
                        name -> String.valueOf(armed.table().numbers().getOrDefault(name, 0))),
                Sql.of("?", armed.table().oid()));
    }

    /** What depends on a row is found by its key: that of another row which has the same by now would go along. */
    private Sql key() {
        return Sql.of(
                """
                select 'rows of ' || cast(? as text) || ' have come to be named by ' || cast(? as text)
                  || ' no longer: its unique index was dropped'
                where not exists (
                  select 1
                  from pg_index i
                  where i.indrelid = ?
                    and i.indisunique
                    and i.indisvalid
                    and i.indpred is null
                    and i.indexprs is null
                    and (
                      select pg_catalog.array_agg(a.attname::text order by a.attname::text)
                      from pg_attribute a
                      where a.attrelid = i.indrelid
                        and a.attnum = any((i.indkey::int2[])[0:i.indnkeyatts - 1])) = cast(? as text[]))""",
                armed.table().name().quoted(),
                String.join(", ", armed.key()),
                armed.table().oid(),
                armed.key().stream().sorted().toList());
    }

    private Sql operators() {
        return Sql.format("""
                select 'the operator ' || cast(o as regoperator)
                  || ' is not found by this session, whose search path is not what it was'
                from pg_catalog.unnest(cast(%s as oid[])) as o
                where not pg_operator_is_visible(o)""", of(armed.operators(), String::valueOf));
    }

    private Sql addedKeys() {
        return Sql.format("""
                select 'the foreign key ' || k.conname || ' of ' || cast(k.conrelid as regclass) || ' was added'
                from %s
                where k.contype = 'f'
                  and k.conparentid = 0
                  and k.confdeltype in ('c', 'n', 'd')
                  and k.conrelid || ' ' || k.conname <> all (cast(%s as text[]))""", keys(), of(seen(), key -> key.childOid() + " " + key.name()));
    }

    private Sql keysWithoutTriggers() {
        return Sql.format("""
                select 'the foreign key ' || k.conname || ' of ' || cast(k.conrelid as regclass)
                  || ' has been switched off with the triggers of ' || cast(k.confrelid as regclass)
                from %s
                where t.tgenabled in ('D', 'R')
                  and (t.tgtype & 8) <> 0""", keyTriggers());
    }

    private static Sql changedKeys(List<ForeignKey> seen) {
        return Sql.format(
                """
                select 'the foreign key ' || s.name || ' of ' || s.child
                  || case when f.oid is null then ' was dropped' else ' has become another one' end
                from unnest(cast(%s as oid[]), cast(%s as text[]), cast(%s as text[]), cast(%s as text[]))
                  as s (oid, child, name, definition)
                left join pg_constraint f on f.conrelid = s.oid and f.conname = s.name and f.contype = 'f'
                where %s is distinct from s.definition""",
                of(seen, key -> String.valueOf(key.childOid())),
                of(seen, key -> key.child().quoted()),
                of(seen, ForeignKey::name),
                of(seen, ForeignKey::definition),
                Sql.of(ForeignKey.DEFINITION));
    }

    /** What is done with the rows that refer to others is what these said then. */
    private List<ForeignKey> seen() {
        Stream<ForeignKey> down = armed.dependents().stream()
                .map(dependent -> dependent.path().get(dependent.path().size() - 1));
        return Stream.concat(down, armed.unset().stream()).distinct().toList();
    }

    /**
     * By the triggers, which have an index by table. A key of one partition has its triggers there, and before PostgreSQL 15
     * one of all has none at the top: where there are partitions, all keys are looked through.
     */
    private Sql keys() {
        return isPartitioned()
                ? Sql.format("pg_constraint k\njoin %s as t on t.oid = k.confrelid", beneath(oids))
                : keyTriggers();
    }

    /** Those of foreign keys, on the tables that they refer to. */
    private Sql keyTriggers() {
        return Sql.format("""
                pg_trigger t
                join pg_constraint k on k.oid = t.tgconstraint and k.confrelid = t.tgrelid
                  and t.tgrelid in %s""", all());
    }

    private Sql all() {
        return isPartitioned() ? beneath(oids) : only(oids);
    }

    private boolean isPartitioned() {
        return tables.stream().anyMatch(table -> table.kind().equals("p"));
    }

    /** Tables that statements name: with a rule of a partition nobody meets who goes through its table. */
    private Sql named() {
        return armed.isPartitioned() && armed.byBlocks()
                ? Sql.format(
                        "(select oid from %s as t union select pg_catalog.unnest(cast(%s as oid[])))",
                        beneath(of(List.of(armed.table()), table -> String.valueOf(table.oid()))), oids)
                : only(oids);
    }

    private static Sql only(Sql oids) {
        return Sql.format("(select pg_catalog.unnest(cast(%s as oid[])))", oids);
    }

    /** The tables and all their partitions. */
    private static Sql beneath(Sql oids) {
        return Sql.format("""
                (
                  select o as oid from pg_catalog.unnest(cast(%s as oid[])) as o
                  union
                  select p.relid from pg_catalog.unnest(cast(%s as oid[])) as o cross join pg_partition_tree(o) as p
                )""", oids, oids);
    }

    private static <T> Sql of(List<T> things, Function<T, String> text) {
        return Sql.of("?", things.stream().map(text).toList());
    }
}
