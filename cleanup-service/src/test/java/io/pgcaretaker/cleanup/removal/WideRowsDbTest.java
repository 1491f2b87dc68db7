package io.pgcaretaker.cleanup.removal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.engine.TestWorker;
import io.pgcaretaker.cleanup.preflight.Readiness;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A row that does not fit into this process is named before it is read. */
class WideRowsDbTest extends CleanupDbTest {

    private TestWorker worker;
    private ArmedPolicy armed;

    private void make(String columns, String values) {
        database.execute("create domain label as text; create table things (" + columns
                + ", at timestamptz default now() - interval '9 days', primary key (id)); create index on things (at, id);"
                + " insert into things values (" + values + "); analyze");
        worker = new TestWorker(
                database,
                TestPolicy.of("old-things", "things", "P1D")
                        .with("action", "archive")
                        .settings(Map.of("archive-directory", "unused")));
        armed = ((Readiness.Armed) worker.check("old-things")).policy();
    }

    private String copy(long most) {
        return worker.transactions.run("test.copy", session -> {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try {
                session.copyOut(
                        Sql.format(
                                "delete from things as t returning %s",
                                WideRows.returned(armed.table(), armed.storedColumns(), most)),
                        out);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (SQLException e) {
                throw new IllegalStateException(WideRows.why(e, most).orElseThrow(() -> e));
            }
            return out.toString(StandardCharsets.UTF_8);
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            id text, b int                       | repeat('x', 3000), 1
            id label, b bytea                    | 'a', decode(repeat('ab', 3000), 'hex')
            id character(2), b jsonb             | 'a', to_jsonb(array(select md5(n::text) from generate_series(1, 100) n))
            id int, b text, c varchar(9000)      | 1, repeat('x', 2000), repeat('y', 2000)
            id int, b jsonb                      | 1, to_jsonb(repeat('x', 90000))
            id int, b xml                        | 1, xmlparse(content repeat('x', 90000))
            id int, b text[]                     | 1, array_fill(null::text, array[4000])
            id int, b varbit                     | 1, repeat('1', 4000)::varbit
            id int, b bit(4000)                  | 1, repeat('1', 4000)::varbit
            id boolean, b label                  | true, (select string_agg(md5(n::text), '') from generate_series(1, 100) n)
            """)
    void aRowThatIsTooWideIsNotWrittenOut(String columns, String values) {
        make(columns, values);

        assertThatThrownBy(() -> copy(2_500))
                .hasMessageContaining("a row is of about 0 MB")
                .hasMessageContaining("-Xmx");
        assertThat(database.queryLong("select count(*) from things")).isEqualTo(1);
        assertThat(copy(1_000_000)).startsWith("id,b,");
    }

    /** Of 1,600 columns of which none can be wide, none is asked for its length. */
    @Test
    void whatIsNeverWideIsNotAsked() {
        make("id int, n numeric(9,2), d date", "1, 2, '2000-01-01'");

        assertThat(WideRows.returned(armed.table(), armed.storedColumns(), 0).text())
                .doesNotContain("case");
        assertThat(copy(0)).startsWith("id,n,d,at\n1,2.00,2000-01-01,");
    }
}
