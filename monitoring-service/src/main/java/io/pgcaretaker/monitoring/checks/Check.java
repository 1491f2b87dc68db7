package io.pgcaretaker.monitoring.checks;

import io.pgcaretaker.monitoring.collect.Collector;
import io.pgcaretaker.monitoring.collect.Collectors;
import io.pgcaretaker.monitoring.collect.SqlFile;
import java.util.List;
import java.util.Set;

/**
 * One thing that should not be so: a statement whose rows are the findings.
 *
 * @param severity {@code info}, {@code warning} or {@code critical}
 * @param window what time the look covers
 * @param collector runs it like everything else that is read; its reading is the check's last result
 */
public record Check(String id, String severity, String title, String advice, String window, Collector collector) {

    private static final Set<String> SEVERITIES = Set.of("info", "warning", "critical");

    public Check {
        if (!SEVERITIES.contains(severity)) {
            throw new IllegalArgumentException("check " + id + ": severity must be one of " + SEVERITIES);
        }
    }

    /** All of a folder, in the order of its index. */
    public static List<Check> folder(String folder) {
        return SqlFile.folder(folder).stream().map(Check::of).toList();
    }

    private static Check of(SqlFile file) {
        String id = file.required("check");
        return new Check(
                id,
                file.required("severity"),
                file.required("title"),
                file.required("advice"),
                file.optional("window").orElse("now"),
                Collectors.ofCheck(file, "check:" + id));
    }
}
