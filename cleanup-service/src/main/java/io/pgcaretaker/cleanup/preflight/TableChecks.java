package io.pgcaretaker.cleanup.preflight;

import io.pgcaretaker.cleanup.catalogue.ForeignKey;
import io.pgcaretaker.cleanup.catalogue.Member;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.catalogue.TableName;
import io.pgcaretaker.cleanup.policy.Action;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import java.util.ArrayList;
import java.util.List;

/** What a table must be, or must not have, for rows to be deleted from it. */
final class TableChecks {

    private TableChecks() {}

    static List<String> problems(Table table, RetentionPolicy policy) {
        List<String> problems = new ArrayList<>();
        switch (table.kind()) {
            case "v", "m" -> problems.add(table.name() + " is a view; name the table behind it");
            case "f" -> problems.add(table.name() + " is a foreign table; run Caretaker where the table is");
            case "p" -> {
                // Its partitions are looked at by themselves.
            }
            default -> {
                if (policy.action().is(Action.Kind.DROP_PARTITIONS)) {
                    problems.add(table.name() + " is not partitioned, it has no partitions to drop");
                }
            }
        }
        if (table.partition()) {
            problems.add(table.name() + " is a partition, which is not supported yet");
        } else if (table.inherited() && !table.kind().equals("p")) {
            problems.add(table.name() + " has tables that inherit from it, which is not supported");
        }
        hidden(table, problems);
        boolean updates = policy.action().is(Action.Kind.ANONYMISE);
        if (updates ? table.updateRule() : table.deleteRule()) {
            problems.add(
                    table.name() + " has a rule on " + (updates ? "update" : "delete") + ", which is not supported");
        }
        reach(table, problems);
        triggers(table.name(), table.deleteTriggers(), table.updateTriggers(), policy, problems);
        grant(table, table.missingPrivileges(), problems);
        return problems;
    }

    private static void hidden(Table table, List<String> problems) {
        if (table.rowSecurity()) {
            problems.add("row-level security hides rows of " + table.name() + " from the role " + table.role()
                    + "; run: alter role " + TableName.quote(table.role()) + " bypassrls");
        }
    }

    private static void reach(Table table, List<String> problems) {
        if (!table.reachable()) {
            problems.add("the role " + table.role() + " may not look into the schema; run: grant usage on schema "
                    + TableName.quote(table.name().schema()) + " to " + TableName.quote(table.role()));
        }
    }

    private static void grant(Table table, List<String> missing, List<String> problems) {
        if (!missing.isEmpty()) {
            problems.add("the role " + table.role() + " may not do it; run: grant " + String.join(", ", missing)
                    + " on " + table.name().quoted() + " to " + TableName.quote(table.role()));
        }
    }

    /** What lies beneath a partitioned table. */
    static List<String> problems(List<Member> members, RetentionPolicy policy) {
        List<String> problems = new ArrayList<>();
        if (policy.action().is(Action.Kind.DROP_PARTITIONS)) {
            return problems;
        }
        for (Member member : members) {
            if (member.kind().equals("f")) {
                problems.add(member.name() + " is a partition on another server; run Caretaker where it is");
            }
            triggers(member.name(), member.deleteTriggers(), member.updateTriggers(), policy, problems);
        }
        return problems;
    }

    /**
     * What happens in a table whose rows stay and no longer refer to those that go: PostgreSQL updates them by itself, as its
     * owner. That they are not too many for one transaction is read by us.
     */
    static List<String> unsetProblems(ForeignKey key, Table child, List<Member> members, RetentionPolicy policy) {
        List<String> problems = new ArrayList<>();
        reach(child, problems);
        grant(child, child.missingPrivileges().stream().filter("select"::equals).toList(), problems);
        // A held row among those would be changed.
        hidden(child, problems);
        if (child.updateRule()) {
            problems.add(child.name() + " has a rule on update, which keeps the foreign key " + key.name()
                    + " from being set to null or default, and so every delete from happening; drop the rule");
        }
        updates(child.name(), child.updateTriggers(), key, policy, problems);
        members.forEach(member -> updates(member.name(), member.updateTriggers(), key, policy, problems));
        return problems;
    }

    private static void updates(
            TableName table, List<String> triggers, ForeignKey key, RetentionPolicy policy, List<String> problems) {
        for (String trigger : triggers) {
            if (!policy.triggers().contains(trigger)) {
                problems.add(table + " has the update trigger " + trigger
                        + ", which may do anything when the foreign key " + key.name()
                        + " is set to null or default; list it under the policy's triggers when that is meant");
            }
        }
    }

    private static void triggers(
            TableName table,
            List<String> deletes,
            List<String> updating,
            RetentionPolicy policy,
            List<String> problems) {
        boolean updates = policy.action().is(Action.Kind.ANONYMISE);
        String effect = policy.action().is(Action.Kind.DROP_PARTITIONS) ? "does not fire at a drop" : "may do anything";
        for (String trigger : updates ? updating : deletes) {
            if (!policy.triggers().contains(trigger)) {
                problems.add(table + " has the " + (updates ? "update" : "delete") + " trigger " + trigger + ", which "
                        + effect + "; list it under the policy's triggers when that is meant");
            }
        }
    }
}
