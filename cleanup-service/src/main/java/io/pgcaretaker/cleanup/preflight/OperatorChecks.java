package io.pgcaretaker.cleanup.preflight;

import io.pgcaretaker.cleanup.catalogue.OperatorRepository;
import io.pgcaretaker.cleanup.catalogue.OperatorRepository.Column;
import io.pgcaretaker.cleanup.catalogue.OperatorRepository.Comparison;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.statement.ArmedPolicy;
import io.pgcaretaker.cleanup.statement.Dependent;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Whether statements compare as indexes and foreign keys do. Where the operator's schema is not searched, PostgreSQL takes
 * another one without a word, as that of text for citext: a child that refers by {@code BOB} to {@code bob} would neither be
 * counted nor looked up among the holds, and would go all the same.
 */
public final class OperatorChecks {

    private final OperatorRepository operators = new OperatorRepository();

    /** Those of a policy that was proven safe. */
    public static List<Column> columns(ArmedPolicy armed) {
        return columns(armed.policy(), armed.table(), armed.key(), armed.keepers());
    }

    /** By which rows of the policy are told apart. */
    static List<Column> columns(RetentionPolicy policy, Table table, List<String> key, List<Dependent> keepers) {
        Set<Column> columns = new LinkedHashSet<>();
        Stream.concat(key.stream(), policy.filter().stream().map(condition -> condition.column()))
                .forEach(column -> columns.add(new Column(table, column)));
        for (Dependent keeper : keepers) {
            Stream.concat(
                            keeper.table().primaryKey().stream(),
                            keeper.path().get(keeper.path().size() - 1).childColumns().stream())
                    .forEach(column -> columns.add(new Column(keeper.table(), column)));
        }
        return new ArrayList<>(columns);
    }

    List<Comparison> comparisons(Session session, List<Column> columns) throws SQLException {
        return operators.foreign(session, columns);
    }

    List<String> problems(Session session, List<Column> columns, List<Comparison> comparisons, String role)
            throws SQLException {
        Stream<String> hidden = comparisons.stream()
                .filter(comparison -> !comparison.found())
                .map(comparison -> comparison.what() + ", which is compared by an operator of the schema "
                        + comparison.schema() + ", and that is not on the search path of the role " + role
                        + ": rows would be compared as of another type; add it (alter role " + TableName.quote(role)
                        + " set search_path = …, " + comparison.schema() + ") and restart cleanup-service");
        Stream<String> intruders = operators.intruders(session, columns).stream()
                .map(intruder -> intruder + "; drop that operator, or take its schema off the search path of the role "
                        + role + " and restart cleanup-service");
        return Stream.concat(hidden, intruders).toList();
    }
}
