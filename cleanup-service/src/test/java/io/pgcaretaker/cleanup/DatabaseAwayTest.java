package io.pgcaretaker.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.problem.DatabaseProblem;
import io.pgcaretaker.problem.Problem;
import jakarta.persistence.PersistenceException;
import jakarta.ws.rs.core.Response;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What a request is answered that the database has failed. */
class DatabaseAwayTest {

    /** PostgreSQL has one state for several limits; of most of them another try is of no use. */
    @ParameterizedTest
    @CsvSource({"GetNewTransactionId, 503", "GetNewMultiXactId, 503", "_bt_check_third_page, 500"})
    void aDatabaseWhoseTransactionIdsRunOutTakesNoWritesForNow(String routine, int status) {
        DatabaseFailure failure = new DatabaseFailure(
                "test", new PSQLException(new ServerErrorMessage("SERROR\0C54000\0Mno\0R" + routine + "\0")));

        try (Response response = new DatabaseAway().failed(failure)) {
            assertThat(response.getStatus()).isEqualTo(status);
        }
        assertThat(failure.isReadOnly()).isEqualTo(status == 503);
    }

    /** Nothing is wrong with what was asked while the role's password is changed, or the database is put back under its name. */
    @ParameterizedTest
    @CsvSource({
        "28P01, refuses the service's login (SQL state 28P01)",
        "28000, refuses the service's login (SQL state 28000)",
        "3D000, is not there",
        "53300, takes no further session",
        "57P03, does not answer in time"
    })
    void whoIsNotLetInIsAnsweredAsIfTheDatabaseWereAwayAndToldWhy(String state, String why) {
        SQLException refused = new SQLException("refused", state);

        try (Response response = new DatabaseAway().failed(new DatabaseFailure("test", refused));
                Response listed = new DatabaseAway().failed(new PersistenceException(refused))) {
            assertThat(response.getStatus()).isEqualTo(503);
            assertThat(((Problem) response.getEntity()).detail()).contains(why);
            assertThat(listed.getStatus()).isEqualTo(503);
            assertThat(((Problem) listed.getEntity()).detail()).contains(why);
        }
        assertThat(DatabaseProblem.unanswered(refused).problem().detail()).contains(why);
    }

    /** "Out of shared memory" says to nobody what to do. */
    @Test
    void aTableOfVeryManyPartitionsIsToldWhatItNeeds() {
        assertThat(new DatabaseFailure(
                        "test",
                        new PSQLException(new ServerErrorMessage("SERROR\0C53200\0Mout of shared memory\0"
                                + "HYou might need to increase max_locks_per_transaction.\0"))))
                .hasMessage("test: SQL state 53200: out of shared memory; raise max_locks_per_transaction: each"
                        + " partition and each of its indexes takes one");
    }
}
