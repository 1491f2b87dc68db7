package io.pgcaretaker.cleanup.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.testing.TestDatabase;
import org.junit.jupiter.api.Test;

class TransactionsDbTest {

    @Test
    void aTransactionInsideAnotherOfTheSameSessionCommitsOnlyItsOwn() {
        TestDatabase database = TestDatabase.create();
        database.execute("create table notes (text text)");
        Transactions transactions = new Transactions(database.source());

        assertThatThrownBy(() -> transactions.inOneSession(() -> transactions.run("outer", outer -> {
                    outer.update(Sql.of("insert into notes values ('outer')"));
                    transactions.run("inner", inner -> inner.update(Sql.of("insert into notes values ('inner')")));
                    throw new IllegalStateException("given up");
                })))
                .hasMessage("given up");

        assertThat(database.queryLong("select count(*) from notes where text = 'inner'"))
                .isOne();
        assertThat(database.queryLong("select count(*) from notes where text = 'outer'"))
                .isZero();
    }

    /** Before it, PostgreSQL 18 would not keep it in pg_stat_statements. */
    @Test
    void aStatementCarriesItsTagBehindItsFirstWord() {
        Transactions transactions = new Transactions(TestDatabase.create().source());

        String seen = transactions.run(
                "test",
                session -> session.first(Sql.of("""
                                /* caretaker.cleanup.test-tag */
                                select query
                                from pg_stat_activity
                                where pid = pg_backend_pid()
                                """), row -> row.getString(1)).orElseThrow());

        assertThat(seen).startsWith("select /* caretaker.cleanup.test-tag */ query");
    }
}
