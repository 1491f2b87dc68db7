package io.pgcaretaker.cleanup.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SqlTest {

    @Test
    void piecesStandInTheirPlacesWithTheirValuesInOrder() {
        Sql sql = Sql.format(
                "select %s where %s and \"100%\" > 1",
                Sql.of("a + ?", 1), Sql.format("%s = ?", Sql.of("b like '%s'", 2)));

        assertThat(sql.text()).isEqualTo("select a + ? where b like '%s' = ? and \"100%\" > 1");
        assertThat(sql.values()).isEqualTo(List.<Object>of(1, 2));
    }

    @Test
    void aPieceWithoutAPlaceIsRefused() {
        assertThatThrownBy(() -> Sql.format("select %s", Sql.of("1"), Sql.of("2")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theTagStandsBehindTheFirstWord() {
        Sql sql = Sql.together(List.of(
                Sql.of("/* caretaker.cleanup.one */\nselect 1"),
                Sql.of("/* caretaker.cleanup.two */ select(2)"),
                Sql.of("/* the application's */ select 3"),
                Sql.of("select 4 /* caretaker.cleanup.four */")));

        assertThat(sql.text())
                .isEqualTo("select /* caretaker.cleanup.one */ 1;select /* caretaker.cleanup.two */(2);"
                        + "/* the application's */ select 3;select 4 /* caretaker.cleanup.four */");
    }
}
