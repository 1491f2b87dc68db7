package io.pgcaretaker.cleanup.removal;

import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Cursor;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Reads picked rows: the age, then the key's columns. */
public final class Rows {

    private Rows() {}

    static Cursor.Row cursor(ArmedPolicy armed, ResultSet row) throws SQLException {
        List<String> key = new ArrayList<>();
        for (int i = 0; i < armed.key().size(); i++) {
            key.add(row.getString(i + 2));
        }
        return new Cursor.Row(row.getString(1), key);
    }
}
