package io.pgcaretaker.startup;

import io.smallrye.config.ConfigMappings.ConfigClass;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * Environment variables that are named as settings of a service and are none. A misspelled key in a file ends the start; a
 * variable has no effect, and nobody would be told. It is a warning, for what is not read here may be meant for others.
 */
public final class UnknownVariables {

    private static final Logger LOG = Logger.getLogger(UnknownVariables.class);

    /** What Kubernetes says of a Service: CARETAKER_EMAIL_SERVICE_HOST is no setting that somebody has misspelled. */
    private static final Pattern SERVICE_LINK =
            Pattern.compile(".*_(SERVICE_(HOST|PORT)(_.*)?|PORT(_\\d+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?)?)");

    /** Between two more underscores, as {@code "…"} becomes them; or as it is, where it is one word. */
    private static final String ANY_NAME = "(?:_[A-Z0-9_]+_|[A-Z0-9]+)";

    private UnknownVariables() {}

    public static void warn(Class<?> settings) {
        of(settings, System.getenv().keySet())
                .forEach(variable -> LOG.warnf(
                        "environment variable without effect: there is no setting of that name variable=%s", variable));
    }

    /** In the order of their names. */
    public static List<String> of(Class<?> settings, Set<String> variables) {
        ConfigClass known = ConfigClass.configClass(settings);
        String prefix = variable(known.getPrefix() + ".");
        List<Pattern> names = known.getProperties().keySet().stream()
                .map(UnknownVariables::pattern)
                .toList();
        return variables.stream()
                .filter(variable -> variable.startsWith(prefix))
                .filter(variable -> !SERVICE_LINK.matcher(variable).matches())
                .filter(variable ->
                        names.stream().noneMatch(name -> name.matcher(variable).matches()))
                .sorted()
                .toList();
    }

    /** Of a name in the middle or at the end ({@code *}), and of a list ({@code [*]}), which may be given as a whole. */
    private static Pattern pattern(String property) {
        return Pattern.compile(variable(property.replace("[*]", "#"))
                .replace("#", "(?:_\\d+_)?")
                .replace("*", ANY_NAME));
    }

    private static String variable(String property) {
        return property.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9*#]", "_");
    }
}
