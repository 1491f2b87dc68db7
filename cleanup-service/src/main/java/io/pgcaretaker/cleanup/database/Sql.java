package io.pgcaretaker.cleanup.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A piece of SQL with the values of its parameters, in order. Pieces are put together, values never are: a value is
 * bound. Values are texts, {@link Unseen} texts, numbers or lists of texts (a {@code text[]}).
 */
public record Sql(String text, List<Object> values, Planning planning) {

    /** When PostgreSQL makes a statement's plan, once it has been prepared. */
    enum Planning {
        /** Each time: the values decide whether a partial index serves, or how much of a table is read. */
        BY_VALUES,
        /** Once, for whatever values; left to itself PostgreSQL plans many of these again and again, longer than they run. */
        ONCE
    }

    private static final String PLACE = "%s";
    private static final String TAG = "/* caretaker.";
    private static final String TAG_END = "*/";

    public Sql {
        values = List.copyOf(values);
    }

    public Sql(String text, List<Object> values) {
        this(text, values, Planning.BY_VALUES);
    }

    public static Sql of(String text, Object... values) {
        return new Sql(text, List.of(values));
    }

    /**
     * The same, planned once. For what finds a few rows of Caretaker's own tables or of the catalogue by their key, whatever
     * the values: it would take longer to plan than to run. Never for a table of the application.
     */
    public Sql plannedOnce() {
        return new Sql(text, values, Planning.ONCE);
    }

    /**
     * Puts pieces in the place of each {@code %s} of the template; the template's own parameters are the pieces'.
     */
    public static Sql format(String template, Sql... pieces) {
        StringBuilder text = new StringBuilder();
        List<Object> values = new ArrayList<>();
        int from = 0;
        for (Sql piece : pieces) {
            int place = template.indexOf(PLACE, from);
            if (place < 0) {
                throw new IllegalArgumentException("more pieces than places in: " + template);
            }
            text.append(template, from, place).append(piece.text);
            values.addAll(piece.values);
            from = place + PLACE.length();
        }
        return new Sql(text.append(template, from, template.length()).toString(), values);
    }

    static Sql together(List<Sql> before, Sql last) {
        return together(Stream.concat(before.stream(), Stream.of(last)).toList());
    }

    static Sql together(Sql first, Sql second) {
        return together(List.of(first, second));
    }

    /** Several statements in one round trip. */
    static Sql together(List<Sql> statements) {
        return new Sql(
                statements.stream().map(statement -> tagged(statement.text)).collect(Collectors.joining(";")),
                statements.stream()
                        .flatMap(statement -> statement.values.stream())
                        .toList(),
                statements.stream().allMatch(statement -> statement.planning == Planning.ONCE)
                        ? Planning.ONCE
                        : Planning.BY_VALUES);
    }

    /**
     * A value that is personal, or another one in each batch, and so stands in no statement's text: that is in
     * pg_stat_activity, in the server's log, and, of what takes no parameters, in pg_stat_statements.
     */
    public record Unseen(String value) {
        @Override
        public String toString() {
            return "Unseen[***]";
        }
    }

    /**
     * One text, each value a literal in the place of its parameter; those that are {@link Unseen} are looked up in settings of
     * the transaction, which the planner reads as it reads literals.
     *
     * @param settings what makes them, to be run before; empty: there are none
     */
    record Inlined(String text, Optional<Sql> settings) {}

    /** Only for COPY, which takes no parameters; everything else binds. */
    Inlined inlined() {
        List<Object> unseen = new ArrayList<>();
        String text = tagged(this.text);
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
                sql.append(inline(values.get(value++), unseen));
            } else {
                sql.append(c);
            }
        }
        return new Inlined(sql.toString(), settings(unseen));
    }

    private static Optional<Sql> settings(List<Object> unseen) {
        return unseen.isEmpty()
                ? Optional.empty()
                : Optional.of(new Sql(
                        IntStream.rangeClosed(1, unseen.size())
                                .mapToObj(i -> "set_config('" + setting(i) + "', ?, true)")
                                .collect(Collectors.joining(", ", "select /* caretaker.cleanup.unseen */ ", "")),
                        unseen));
    }

    private static String setting(int number) {
        return "caretaker.unseen_" + number;
    }

    private static String inline(Object value, List<Object> unseen) {
        if (value instanceof Unseen one) {
            unseen.add(one.value());
            return "current_setting('" + setting(unseen.size()) + "')";
        }
        if (value instanceof List<?> texts) {
            return literal(array(texts));
        }
        return value instanceof Number ? value.toString() : literal(value.toString());
    }

    /** As PostgreSQL writes an array. */
    private static String array(List<?> texts) {
        return texts.stream()
                .map(text -> '"' + text.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"')
                .collect(Collectors.joining(",", "{", "}"));
    }

    /**
     * As PostgreSQL's quote_literal writes it; right whatever standard_conforming_strings says. Only for what takes no
     * parameters, such as the arguments of a trigger.
     */
    public static String literal(String text) {
        String doubled = text.replace("'", "''");
        return text.indexOf('\\') < 0 ? '\'' + doubled + '\'' : " E'" + doubled.replace("\\", "\\\\") + '\'';
    }

    /**
     * The tag behind the first word: from PostgreSQL 18 on, pg_stat_statements keeps a text from its first word on, and
     * what is ours could not be told from the application's there.
     */
    private static String tagged(String text) {
        int tag = text.indexOf(TAG_END) + TAG_END.length();
        if (!text.startsWith(TAG) || tag < TAG.length()) {
            return text;
        }
        int word = tag;
        while (word < text.length() && Character.isWhitespace(text.charAt(word))) {
            word++;
        }
        int end = word;
        while (end < text.length() && Character.isLetter(text.charAt(end))) {
            end++;
        }
        return text.substring(word, end) + ' ' + text.substring(0, tag) + text.substring(end);
    }

    PreparedStatement prepare(Connection connection) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(tagged(text));
        try {
            int index = 1;
            for (Object value : values) {
                bind(statement, index++, value);
            }
        } catch (SQLException | RuntimeException e) {
            statement.close();
            throw e;
        }
        return statement;
    }

    /**
     * Texts without a type of their own, so that {@code cast(? as timestamptz)} is a parameter of that type, made into a
     * value once. Sent as a text it would be cast anew for every row that a statement looks at: the cast of a text to a
     * time depends on a setting, so the planner does not do it.
     */
    private static void bind(PreparedStatement statement, int index, Object value) throws SQLException {
        if (value instanceof List<?> texts) {
            statement.setObject(index, array(texts), Types.OTHER);
        } else if (value instanceof Unseen unseen) {
            statement.setObject(index, unseen.value(), Types.OTHER);
        } else if (value instanceof String text) {
            statement.setObject(index, text, Types.OTHER);
        } else {
            statement.setObject(index, value);
        }
    }
}
