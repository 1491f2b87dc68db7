package cleanup;

import java.util.Locale;

/** How the expired rows lie in their table. */
public enum Order {
    /** All over it, as where rows expire by what happens to them. */
    SCATTERED("order by md5(n::text)"),
    /** Together at its beginning, as in a log. */
    APPENDED("order by n");

    final String sql;

    Order(String sql) {
        this.sql = sql;
    }

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
