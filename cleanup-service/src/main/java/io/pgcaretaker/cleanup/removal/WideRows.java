package io.pgcaretaker.cleanup.removal;

import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.Sql;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * COPY hands a row over as a whole. One that does not fit into this process would end it, again and again, and with it every
 * policy: PostgreSQL looks how long the row is before it writes it out, and raises.
 */
final class WideRows {

    /** The driver may hold one row while it reads the next, beside what the service itself needs. */
    private static final int SHARE_OF_MEMORY = 6;

    /** So many times what lies on disk a value may be as text: compressed to a 255th at best, and a bit or a null is some characters. */
    private static final int MOST_UNPACKED = 512;

    private static final Pattern NEVER_WIDE = Pattern.compile(
            "smallint|integer|bigint|real|double precision|numeric.*|boolean|date|time.*|interval.*|uuid|inet"
                    + "|cidr|macaddr8?|money|\"char\"|name|oid|reg.*|pg_lsn|point|line|lseg|box|circle");

    private static final Pattern TEXT = Pattern.compile("text|character varying.*|character\\(.*");

    private static final String SAID = "caretaker-wide ";

    private static final Pattern RAISED = Pattern.compile(SAID + "(\\d+)");

    private WideRows() {}

    static long most() {
        return Runtime.getRuntime().maxMemory() / SHARE_OF_MEMORY;
    }

    /** The columns of {@code t} as a delete returns them; a row of more bytes than {@code most} raises instead. */
    static Sql returned(Table table, List<String> columns, long most) {
        String bytes = columns.stream()
                .filter(column -> !NEVER_WIDE.matcher(table.type(column)).matches())
                .map(column -> bytes(column(column), table.type(column), most))
                .collect(Collectors.joining(" + "));
        String first = column(columns.get(0));
        String guarded = bytes.isEmpty()
                ? first
                : "case when " + bytes + " > " + most + " then case when cast('" + SAID + "' || (" + bytes
                        + ") as int4) > 0 then " + first + " end else " + first + " end as "
                        + TableName.quote(columns.get(0));
        return Sql.of(guarded
                + columns.stream().skip(1).map(column -> ", " + column(column)).collect(Collectors.joining()));
    }

    private static String column(String name) {
        return "t." + TableName.quote(name);
    }

    /** As text; of those whose length nobody knows but who writes them out, a small one is taken for twice what lies on disk. */
    private static String bytes(String column, String type, long most) {
        if (type.equals("bytea")) {
            return "2 * coalesce(octet_length(" + column + "), 0)::bigint";
        }
        return TEXT.matcher(type).matches()
                ? "coalesce(octet_length(" + column + "), 0)::bigint"
                : "case when pg_column_size(" + column + ") > " + most / MOST_UNPACKED
                        + " then octet_length(format('%s', " + column + "))::bigint else 2 * coalesce(pg_column_size("
                        + column + "), 0)::bigint end";
    }

    /** What an operator needs to know, where a row was too wide. */
    static Optional<String> why(SQLException failure, long most) {
        Matcher raised = RAISED.matcher(String.valueOf(failure.getMessage()));
        return raised.find()
                ? Optional.of("a row is of about " + Long.parseLong(raised.group(1)) / 1_000_000
                        + " MB as text, more than the " + most / 1_000_000
                        + " MB that this process can hold beside its other"
                        + " work; give it more memory (-Xmx), or leave such rows out by the policy's filter")
                : Optional.empty();
    }
}
