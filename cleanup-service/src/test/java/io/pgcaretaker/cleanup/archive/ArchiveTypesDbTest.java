package io.pgcaretaker.cleanup.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.catalogue.CatalogueRepository;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.ledger.LedgerRepository;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Values of every kind come back as they were, whatever the database is set to when they leave and when they come. */
class ArchiveTypesDbTest extends CleanupDbTest {

    @TempDir
    Path folder;

    private static final String TABLE = """
            create type mood as enum ('fine', 'a,b "c"', '');
            create type pair as (a int, b text, c text[]);
            create domain small as int check (value < 100);
            create table things (
              id bigint generated always as identity primary key, at timestamptz not null,
              t text, vc varchar(30), ch char(5), nm name, by bytea, b bool, i2 int2, i4 int4, i8 int8,
              f4 float4, f8 float8, n numeric, n2 numeric(12,2), m money, d date, ti time, tz timetz, ts timestamp, tstz timestamptz,
              iv interval, u uuid, j json, jb jsonb, x xml, ip inet, cd cidr, mac macaddr, mac8 macaddr8,
              bi bit(5), vb varbit, tv tsvector, tq tsquery, pt point, li line, ls lseg, bx box, pa path, po polygon, ci circle,
              r4 int4range, rn numrange, rt tstzrange, lsn pg_lsn, sn txid_snapshot, cl regclass, ty regtype,
              e mood, p pair, s small, aa text[], ab int[][], ap pair[], ae mood[], ach "char", ai interval[], am money[]);
            """;

    private static final String ROWS = """
            insert into things (at, t, vc, ch, nm, by, b, i2, i4, i8, f4, f8, n, n2, m, d, ti, tz, ts, tstz, iv, u, j, jb, x, ip, cd, mac,
              mac8, bi, vb, tv, tq, pt, li, ls, bx, pa, po, ci, r4, rn, rt, lsn, sn, cl, ty, e, p, s, aa, ab, ap, ae, ach, ai, am)
            values (now() - interval '9 days', E'a\\r\\nb\\n\\\\.\\n"c", \\\\N \\t \\u20ac', '', 'x', 'n', '\\x00ff0a5c', true, -32768, -2147483648,
              -9223372036854775808, '1.1754944e-38', '-0', 'NaN', 0.10, -1234.56, '0044-03-15 BC', '24:00', '23:59:59.999999-15:59',
              'infinity', '-infinity', '-1 day -02:03:04.5', '00000000-0000-0000-0000-000000000001',
              '{"a": "\\u0000 \\\\ ", "a":  1}', '{"a": "\\\\u20ac"}', 'text <a b="c">&amp;</a>', '::ffff:1.2.3.4/128', '10/8', '08:00:2b:01:02:03',
              '08:00:2b:01:02:03:04:05', B'10101', B'', $$'a b':1A,2 'c'$$, $$'a b' & !c:*A$$, '(0.1,1e300)', '{1,2,3}', '[(0,0),(1,1)]',
              '(1,1),(0,0)', '[(0,0),(1,1)]', '((0,0),(1,1),(2,0))', '<(0,0),1.1>', 'empty', '(,1.5]', '["2000-01-01 00:00:00+00",infinity)',
              '16/B374D848', '10:20:10,14,15', 'pg_class', 'int4', 'a,b "c"', row(1, E'x"\\n,', array['a,b', null, ''])::pair, 99, array['', null, 'NULL', E'\\n"', '\\'],
              array[[1,2],[3,null]], array[row(1,null,null)::pair, null], array['fine', '']::mood[], 'q',
              array['1 year -2 days', '-1 day -02:00:00']::interval[], array[12.34, -5]::money[]),
            (now() - interval '9 days', '\\.', null, null, '', '', false, 0, 0, 0, 'Infinity', '0.1', '1e-300', null, null, null, null, null, null, null,
              '-1 day +02:00', null, 'null', 'null', '<a/>', null, null, null, null, null, null, '', '', null, null, null, null, null, null, null,
              null, null, null, null, null, null, null, '', row(null,null,null)::pair, null, '{}', '{}', '{}', '{}', '', null, null),
            (now() - interval '9 days', '', '', '', null, null, null, null, null, null, '-0', '5e-324', '123456789012345678901234567890.123456789', null, 0.01,
              '2000-02-29', '00:00', null, null, '2000-01-01 12:00+05:30', '1 mon -1 day', null, null, null, null, null, null, null, null, null, null,
              null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
            create index on things (at, id);
            create table before as select * from things;
            analyze
            """;

    /** Sessions that were opened before keep what was set then. */
    private DataSource fresh() {
        return new PGSimpleDataSource() {
            @Override
            public Connection getConnection() throws SQLException {
                return database.connect();
            }
        };
    }

    private void set(String setting) throws Exception {
        database.execute(
                "do $$ begin execute format($f$alter database %I " + setting + "$f$, current_database()); end $$");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            reset all                                 | reset all
            set intervalstyle = 'sql_standard'        | reset all
            reset all                                 | set intervalstyle = 'sql_standard'
            set intervalstyle = 'iso_8601'            | reset all
            set extra_float_digits = -3               | reset all
            set datestyle = 'German, DMY'             | set datestyle = 'SQL, MDY'
            set bytea_output = 'escape'               | reset all
            reset all                                 | set array_nulls = off
            reset all                                 | set xmloption = document
            set search_path = public                  | set search_path = pg_temp
            """)
    void whateverTheDatabaseIsSetTo(String leaving, String coming) throws Exception {
        database.execute(TABLE);
        database.execute(ROWS);
        set(leaving);
        TestWorker worker = worker();
        worker.runNow("old-things");
        assertThat(database.queryLong("select count(*) from public.things")).isZero();
        set("reset all");
        set(coming);

        assertThat(restore(worker)).isEqualTo("Restored[rows=3]");

        set("reset all");
        assertThat(database.queryLong("select count(*) from things t join before b on b.id = t.id"
                        + " where row(t.*)::text = row(b.*)::text"))
                .isEqualTo(3);
    }

    /** As many as a table can have, and a value of many megabytes. */
    @Test
    void howeverWideARowIs() throws Exception {
        String columns = IntStream.range(0, 1595)
                .mapToObj(n -> ", c" + n + " smallint default " + n)
                .collect(Collectors.joining());
        database.execute("create table things (id bigint primary key, at timestamptz, raw bytea" + columns + ");"
                + " insert into things (id, at, raw) values (1, now() - interval '9 days',"
                + " (select decode(string_agg(md5(n::text), ''), 'hex') from generate_series(1, 1000000) n));"
                + " create index on things (at, id); create table before as select * from things; analyze");
        TestWorker worker = worker();
        UUID id = worker.runNow("old-things");
        assertThat(run(id, "state || ' ' || rows_deleted || coalesce(' ' || stop_detail, '')"))
                .isEqualTo("completed 1");

        assertThat(restore(worker)).isEqualTo("Restored[rows=1]");
        assertThat(database.queryLong("select count(*) from things t, before b where t.raw = b.raw and t.c1594 = 1594"))
                .isEqualTo(1);
    }

    private TestWorker worker() {
        return new TestWorker(
                fresh(),
                TestPolicy.of("old-things", "things", "P1D")
                        .with("schema", "public")
                        .with("action", "archive")
                        .settings(Map.of("archive-directory", folder.toString())),
                Clock.systemUTC());
    }

    private String restore(TestWorker worker) throws Exception {
        Archive archive = Archive.of(worker.settings());
        return new ArchiveRestore(new Transactions(fresh()), new CatalogueRepository(), new LedgerRepository(), archive)
                .restore(
                        Objects.requireNonNull(
                                archive.list(Archive.Selection.ALL, 0, 1).get(0).manifest()),
                        false,
                        "somebody")
                .toString();
    }
}
