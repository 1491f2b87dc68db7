package support;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The table for people, and the line of each goal. */
public final class Report {

    private final List<String> goals = new ArrayList<>();
    private boolean allOk = true;

    public void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }

    public void atLeast(String goal, double value, double target) {
        goal(goal, value, target, value >= target);
    }

    public void atMost(String goal, double value, double target) {
        goal(goal, value, target, value <= target);
    }

    /** NaN is short. */
    private void goal(String goal, double value, double target, boolean ok) {
        allOk &= ok;
        goals.add(String.format(Locale.ROOT, "goal %s %.2f %.2f %s", goal, value, target, ok ? "ok" : "short"));
    }

    /** Says the goals and ends this JVM: with 0 when all are ok. */
    public void end() {
        say("");
        goals.forEach(System.out::println);
        System.exit(allOk ? 0 : 1);
    }

    public static double median(double[] values) {
        return percentile(values, 50);
    }

    public static double percentile(double[] values, int percent) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[Math.max(0, (int) Math.ceil(sorted.length * percent / 100.0) - 1)];
    }
}
