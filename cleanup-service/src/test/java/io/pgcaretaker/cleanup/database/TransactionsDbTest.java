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
}
