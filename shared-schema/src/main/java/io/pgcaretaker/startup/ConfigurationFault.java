package io.pgcaretaker.startup;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the configuration library says about a value that it cannot convert, as a rule and the value. */
final class ConfigurationFault {

    private static final Pattern CONVERSION = Pattern.compile(
            ".*The config property (\\S+) with the config value \"(.*)\" threw an Exception whilst being converted ?(.*)",
            Pattern.DOTALL);
    private static final Pattern MISSING =
            Pattern.compile(".*The config property (\\S+) is required but it could not be found.*", Pattern.DOTALL);
    private static final Pattern EMPTY =
            Pattern.compile(".*The config property (\\S+) is defined as the empty String.*", Pattern.DOTALL);
    private static final Pattern UNKNOWN =
            Pattern.compile("(?:SRCFG\\d+: )?(\\S+) in .* does not map to any root.*", Pattern.DOTALL);
    private static final Pattern ALLOWED = Pattern.compile(".*allowed values: (.*)", Pattern.DOTALL);
    private static final Pattern SECRET = Pattern.compile(".*(key|secret|password|token|url).*");

    private ConfigurationFault() {}

    static String inWords(String problem) {
        Matcher missing = MISSING.matcher(problem);
        if (missing.matches()) {
            return missing.group(1) + " is not set";
        }
        Matcher empty = EMPTY.matcher(problem);
        if (empty.matches()) {
            return empty.group(1) + " must not be empty; leave it out for its default";
        }
        Matcher unknown = UNKNOWN.matcher(problem);
        if (unknown.matches()) {
            return unknown.group(1) + " is no setting; docs/configure.md lists all";
        }
        Matcher conversion = CONVERSION.matcher(problem);
        if (!conversion.matches()) {
            return problem;
        }
        String property = conversion.group(1);
        if (SECRET.matcher(property).matches()) {
            // The reason may quote the value.
            return property + " has a value that cannot be used";
        }
        return property + " " + rule(conversion.group(3)) + ", but is " + conversion.group(2);
    }

    private static String rule(String reason) {
        Matcher allowed = ALLOWED.matcher(reason);
        if (allowed.matches()) {
            return "must be one of " + String.join(", ", allowed.group(1).split(",", -1));
        }
        if (reason.contains("integer value")) {
            return "must be a whole number";
        }
        if (reason.contains("Duration") || reason.contains("duration")) {
            return "must be a duration such as 30s, 5m or P1D";
        }
        int sentence = reason.indexOf("must be");
        return sentence >= 0 ? reason.substring(sentence) : "has a value that cannot be used (" + reason + ")";
    }
}
