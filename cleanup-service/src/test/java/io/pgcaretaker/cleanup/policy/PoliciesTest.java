package io.pgcaretaker.cleanup.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.cleanup.TestSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PoliciesTest {

    private static final String GOOD = """
            policies:
              - name: notes
                table: notes
                age: { column: made_at, means: event, zone: UTC }
                retention: P2D
                every: PT1H
                filter: [ { column: gone, is: true } ]
                limits: { max-rows: 10, max-fraction: 0.5 }
            """;

    @TempDir
    Path folder;

    private Policies load(String yaml) throws Exception {
        Path file = folder.resolve("policies.yaml");
        Files.writeString(file, yaml);
        return Policies.load(TestSettings.with(Map.of("policies-file", file.toString())));
    }

    @Test
    void theShippedOnesAreThereAndTheUsersFollowTheirSettings() {
        Policies policies =
                Policies.load(TestSettings.with(Map.of("user-retention-days", "45", "interval-hours", "6")));

        assertThat(policies.all())
                .extracting(RetentionPolicy::name)
                .containsExactly(
                        "soft-deleted-users",
                        "expired-reset-tokens",
                        "expired-sessions",
                        "used-reset-tokens",
                        "anonymous-prompts");
        RetentionPolicy users = policies.find(Policies.USERS).orElseThrow();
        assertThat(users.retention()).hasToString("P45D");
        assertThat(users.every()).hasHours(6);
    }

    @Test
    void shadowWins() {
        assertThat(Policies.load(TestSettings.with(
                                Map.of("mode", "shadow", "policies.\"expired-sessions\".mode", "enforce")))
                        .find("expired-sessions")
                        .orElseThrow()
                        .mode())
                .isEqualTo(Mode.SHADOW);
        assertThat(Policies.load(TestSettings.with(Map.of("policies.\"expired-sessions\".mode", "shadow")))
                        .find("expired-sessions")
                        .orElseThrow()
                        .mode())
                .isEqualTo(Mode.SHADOW);
    }

    @Test
    void oneCanBeSwitchedOff() {
        assertThat(Policies.load(TestSettings.with(Map.of("policies.\"expired-sessions\".enabled", "false")))
                        .find("expired-sessions"))
                .isEmpty();
    }

    @Test
    void aFileAddsToThem() throws Exception {
        assertThat(load(GOOD).find("notes")).isPresent();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            retention: P2D                   | retention: P0D              | retention must be at least 1 day
            retention: P2D                   | retention: 30               | retention must be like P30D
            retention: P2D                   | retention: P30000000D       | retention must be
            every: PT1H                      | every: PT1S                 | every must be between
            max-rows: 10,                    | ''                          | limits.max-rows is missing
            max-rows: 10,                    | max-rows: -1,               | max-rows must be
            max-fraction: 0.5                | max-fraction: 1.5           | max-fraction must be between 0 and 1
            max-fraction: 0.5                | ''                          | limits.max-fraction is missing
            'is: true'                       | 'is: maybe'                 | must be true, false, null or not-null
            'is: true'                       | 'sql: 1=1'                  | is not known
            'means: event,'                  | ''                          | age.means is missing
            zone: UTC                        | zone: Mars                  | zone must be like
            table: notes                     | table: notes, where: 1=1    | policies.yaml
            name: notes                      | name: Notes!                | name must be of
            """)
    void aWrongFileSaysWhatIsWrong(String part, String instead, String rule) {
        assertThatThrownBy(() -> load(GOOD.replace(part, instead)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("caretaker.cleanup.policies-file")
                .hasMessageContaining(rule);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0.001S", "PT1.001S"})
    void aBatchLastsNeitherNoTimeNorTooLong(String target) {
        assertThatThrownBy(() -> load(GOOD + "    batch-target: " + target + "\n"))
                .hasMessageContaining("batch-target must be between 2 and 1000 ms");
    }

    @Test
    void wholePartitionsAndAFilterDoNotGoTogether() {
        assertThatThrownBy(() -> load(GOOD + "    action: drop-partitions\n"))
                .hasMessageContaining("drops whole partitions can have no filter");
    }

    @Test
    void anEmptyOrMissingFileIsAnError() {
        assertThatThrownBy(() -> load("")).hasMessageContaining("is not a policy file");
        assertThatThrownBy(() -> load("policies: []")).hasMessageContaining("holds no policies");
        assertThatThrownBy(() -> Policies.load(TestSettings.with(Map.of("policies-file", "/nowhere.yaml"))))
                .hasMessageContaining("cannot read");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            7  |                         | CLEANUP_PUBLIC_URL
            30 | https://app.example.com | must be shorter than the retention, P30D
            0  | https://app.example.com | notice.before must be at least 1 day
            """)
    void aNoticeThatCannotBeGivenStopsTheStart(String days, String url, String rule) {
        Map<String, String> settings = new HashMap<>();
        settings.put("user-notice-days", days);
        if (url != null) {
            settings.put("public-url", url);
        }

        assertThatThrownBy(() -> Policies.load(TestSettings.with(settings))).hasMessageContaining(rule);
    }

    @Test
    void aNoticeOfOnesOwnSaysWhereTheAddressIs() throws Exception {
        assertThatThrownBy(() -> load(GOOD + "    notice: { before: P1D, email-column: email }\n"))
                .hasMessageContaining("needs restore");
        assertThatThrownBy(() -> load(GOOD + "    notice: { before: P1D, undeliverable: maybe }\n"))
                .hasMessageContaining("[purge, hold]");
    }

    @Test
    void settingsOfAnUnknownPolicyAreAnError() {
        assertThatThrownBy(() -> Policies.load(TestSettings.with(Map.of("policies.\"sessions\".max-rows", "5"))))
                .hasMessageContaining("there is no such policy");
    }
}
