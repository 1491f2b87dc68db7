package io.pgcaretaker.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.arc.ArcUndeclaredThrowableException;
import jakarta.persistence.PersistenceException;
import java.sql.SQLException;
import org.hibernate.QueryTimeoutException;
import org.junit.jupiter.api.Test;

class DatabaseAwayTest {

    @Test
    void databaseThatIsTooSlowForHibernateIsAwayAndNoFaultOfOurs() {
        QueryTimeoutException slow = new QueryTimeoutException("slow", new SQLException("canceled", "57014"), "select");

        assertThat(new DatabaseAway().failed(new PersistenceException(slow)).getStatus())
                .isEqualTo(503);
        assertThat(new DatabaseAway().failed(slow).getStatus()).isEqualTo(503);
        assertThat(new DatabaseAway()
                        .failed(new SQLException("a standby", "25006"))
                        .getStatus())
                .isEqualTo(503);
        assertThat(new DatabaseAway()
                        .failed(new ArcUndeclaredThrowableException(
                                "end", new IllegalStateException(new SQLException("wrong", "22021"))))
                        .getStatus())
                .isEqualTo(500);
    }
}
