package io.pgcaretaker.cleanup.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A piece of SQL with the values of its parameters, in order. Pieces are put together, values never are: a value is
 * bound. Values are texts, numbers or lists of texts (a {@code text[]}).
 */
public record Sql(String text, List<Object> values) {

    public Sql {
        values = List.copyOf(values);
    }

    public static Sql of(String text, Object... values) {
        return new Sql(text, List.of(values));
    }

    /**
     * Puts pieces in the place of each {@code %s} of the template; the template's own parameters are the pieces'.
     */
    public static Sql format(String template, Sql... pieces) {
        List<Object> values = new ArrayList<>();
        Object[] texts = new Object[pieces.length];
        for (int i = 0; i < pieces.length; i++) {
            texts[i] = pieces[i].text;
            values.addAll(pieces[i].values);
        }
        return new Sql(template.formatted(texts), values);
    }

    /**
     * The same as one text, each value a literal in the place of its parameter. Only for COPY, which takes no parameters;
     * everything else binds.
     */
    String inlined() {
        StringBuilder sql = new StringBuilder();
        int value = 0;
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '\'' || c == '"') {
                quote = c;
            }
            if (c == '?' && quote == 0) {
                sql.append(literal(values.get(value++)));
            } else {
                sql.append(c);
            }
        }
        return sql.toString();
    }

    private static String literal(Object value) {
        if (value instanceof List<?> texts) {
            return quoted(texts.stream()
                    .map(text -> '"' + text.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"')
                    .collect(Collectors.joining(",", "{", "}")));
        }
        return value instanceof Number ? value.toString() : quoted(value.toString());
    }

    /** As PostgreSQL's quote_literal writes it; right whatever standard_conforming_strings says. */
    private static String quoted(String text) {
        String doubled = text.replace("'", "''");
        return text.indexOf('\\') < 0 ? '\'' + doubled + '\'' : " E'" + doubled.replace("\\", "\\\\") + '\'';
    }

    PreparedStatement prepare(Connection connection) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(text);
        try {
            int index = 1;
            for (Object value : values) {
                bind(connection, statement, index++, value);
            }
        } catch (SQLException | RuntimeException e) {
            statement.close();
            throw e;
        }
        return statement;
    }

    private static void bind(Connection connection, PreparedStatement statement, int index, Object value)
            throws SQLException {
        if (value instanceof List<?> texts) {
            statement.setArray(index, connection.createArrayOf("text", texts.toArray()));
        } else if (value instanceof String text) {
            statement.setString(index, text);
        } else {
            statement.setObject(index, value);
        }
    }
}
