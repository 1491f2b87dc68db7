package io.pgcaretaker.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseUrlTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            postgresql://u:p@h:5432/db                                | jdbc:postgresql://h:5432/db                              | u   | p
            postgres://u:p@h/db?sslmode=require                       | jdbc:postgresql://h/db?sslmode=require                   | u   | p
            postgresql://u:p%40%2F%3A%25@h/db                         | jdbc:postgresql://h/db                                   | u   | p@/:%
            postgresql://u:a+b@h/db                                   | jdbc:postgresql://h/db                                   | u   | a+b
            postgresql://u:p@h/db?sslmode=require&channel_binding=require | jdbc:postgresql://h/db?sslmode=require&channelBinding=require | u | p
            postgresql://u:p@ep-a-pooler.eu.example/db                | jdbc:postgresql://ep-a-pooler.eu.example/db?prepareThreshold=0 | u | p
            postgresql://u:p@h/db?pgbouncer=true                      | jdbc:postgresql://h/db?prepareThreshold=0                | u   | p
            postgresql://u:p@h1:1,h2:2/db?target_session_attrs=read-write | jdbc:postgresql://h1:1,h2:2/db?targetServerType=primary | u | p
            postgresql://u:p@[::1]:5432/db                            | jdbc:postgresql://[::1]:5432/db                          | u   | p
            postgresql://u:p@h/db?sslrootcert=system                  | jdbc:postgresql://h/db?sslmode=verify-full&sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory | u | p
            postgresql://h/db                                         | jdbc:postgresql://h/db                                   |     |
            jdbc:postgresql://h:1/db?user=u&password=p%26             | jdbc:postgresql://h:1/db                                 | u   | p&
            """)
    void readsWhatApplicationsUse(String url, String jdbcUrl, String username, String password) {
        DatabaseUrl parsed = DatabaseUrl.parse(url);

        assertThat(parsed.jdbcUrl()).isEqualTo(jdbcUrl);
        assertThat(parsed.username()).isEqualTo(username);
        assertThat(parsed.password()).isEqualTo(password);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "mysql://u:secret@h/db",
                "postgresql://u:secret@h",
                "postgresql://u:secret@h/",
                "postgresql://u:se/cret@h/db",
                "postgresql://u:secret%zz@h/db",
                "postgresql://u:secret@h:99999/db",
                "postgresql://u:secret@h:0/db",
                "postgresql://u:secret@h,/db",
                "postgresql://u:secret@h/db?sslmode",
                "postgresql://u:secret@h/db?sslmode=no-verify",
                "jdbc:postgresql://h/db?user=u&password=secret&sslmode=required",
                "jdbc:postgresql://u:secret@h/db"
            })
    void refusesTheRestWithoutRepeatingIt(String url) {
        assertThatThrownBy(() -> DatabaseUrl.parse(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be postgresql://")
                .hasMessageNotContaining("secret");
    }

    @Test
    void neverPrintsThePassword() {
        assertThat(DatabaseUrl.parse("postgresql://u:secret@h/db").toString()).doesNotContain("secret");
    }
}
