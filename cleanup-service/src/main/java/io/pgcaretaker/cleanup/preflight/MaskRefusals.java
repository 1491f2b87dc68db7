package io.pgcaretaker.cleanup.preflight;

import io.pgcaretaker.cleanup.catalogue.ConstraintRepository;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.database.Session;
import io.pgcaretaker.cleanup.database.Sql;
import io.pgcaretaker.cleanup.policy.Mask;
import io.pgcaretaker.cleanup.statement.Masks;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Masks that the table itself would refuse of every row: each run would fail at the first one. */
final class MaskRefusals {

    private final ConstraintRepository constraints = new ConstraintRepository();

    /** @param masks that fit their columns */
    List<String> problems(Session session, Table table, List<Mask> masks) throws SQLException {
        Map<String, Sql> always = new HashMap<>();
        List<String> problems = new ArrayList<>();
        for (Mask mask : masks) {
            if (mask.with() == Mask.With.NULL || mask.with() == Mask.With.CONSTANT) {
                always.put(mask.column(), value(table, mask.column(), Masks.masked(table, mask)));
            }
            // What is null stays so: beside another column nobody knows which of the two is meant.
            Optional<Sql> example = Masks.example(mask);
            if (example.isPresent()) {
                add(problems, session, table, Map.of(mask.column(), value(table, mask.column(), example.get())));
            }
        }
        add(problems, session, table, constraints.withGenerated(session, table.oid(), always));
        return problems;
    }

    private static Sql value(Table table, String column, Sql value) {
        return Sql.format("cast(%s as " + table.type(column) + ")", value);
    }

    private void add(List<String> problems, Session session, Table table, Map<String, Sql> values) throws SQLException {
        for (String check : constraints.refusing(session, table.oid(), values)) {
            problems.add("the constraint " + check + " of " + table.name()
                    + " does not take what the mask makes of its columns: no row could be masked; change the mask or the"
                    + " constraint");
        }
    }
}
