package io.pgcaretaker.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.testing.TestDatabase;
import java.sql.ResultSet;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

class TransactionDbTest {

    /** Who has acknowledged an incident is not to do so again after a crash of the server, also behind a pooler. */
    @Test
    void whatIsCommittedIsOnDiskWhateverTheDatabaseIsSetTo() throws Exception {
        TestDatabase database = TestDatabase.create();
        database.execute("do $$ begin execute format('alter database %I set synchronous_commit = off',"
                + " current_database()); end $$");

        String seen = Transaction.run(database.source(), "test", connection -> {
            try (Statement show = connection.createStatement();
                    ResultSet row = show.executeQuery("show synchronous_commit")) {
                row.next();
                return row.getString(1);
            }
        });

        assertThat(seen).isEqualTo("on");
    }
}
