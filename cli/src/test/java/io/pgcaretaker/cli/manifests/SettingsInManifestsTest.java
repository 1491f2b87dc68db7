package io.pgcaretaker.cli.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgcaretaker.cli.up.LocalCaretaker;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is set in the ConfigMap or the Secret reaches the service: passed over, it would be a setting without an effect. */
class SettingsInManifestsTest {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `caretaker[^|]*\\| `([A-Z][A-Z0-9_]+)`");

    /** A mounted file instead of the Secret's entry; what the component {@code unsubscribe} sets. */
    private static final Set<String> BY_A_PATCH = Set.of("CARETAKER_API_KEYS_FILE", "EMAIL_PUBLIC_URL");

    @ParameterizedTest
    @ValueSource(strings = {"monitoring-service", "cleanup-service", "email-service"})
    void eachThatHasAVariableIsTakenFromTheConfigMapOrTheSecret(String service) throws Exception {
        Set<String> documented = documented("All services");
        documented.addAll(documented(service));
        documented.removeAll(BY_A_PATCH);

        assertThat(documented).hasSizeGreaterThan(5);
        assertThat(variables(service)).containsAll(documented);
    }

    private static Set<String> documented(String section) throws Exception {
        String text = Files.readString(LocalCaretaker.ROOT.resolve("docs/configure.md"));
        int begin = text.indexOf("\n## " + section + "\n");
        int end = text.indexOf("\n## ", begin + 1);
        Set<String> names = new TreeSet<>();
        Matcher row = ROW.matcher(text.substring(begin, end < 0 ? text.length() : end));
        while (row.find()) {
            names.add(row.group(1));
        }
        return names;
    }

    private static List<String> variables(String service) throws Exception {
        JsonNode deployment = Manifests.render().stream()
                .filter(document -> document.path("kind").asText().equals("Deployment")
                        && document.at("/metadata/name").asText().equals(service))
                .findFirst()
                .orElseThrow();
        return deployment.at("/spec/template/spec/containers/0/env").findValuesAsText("name");
    }
}
