package io.pgcaretaker.cleanup.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.cleanup.TestSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
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

    /** A run goes on only under the policy that it began with, or that its approval was given for. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            filter: [ { column: kind, in: ['a, b'] } ]                 | filter: [ { column: kind, in: [a, b] } ]
            filter: [ { column: 'a, is=TRUE, in=[]], Condition[column=b', is: 'true' } ] | filter: [ { column: a, is: 'true' }, { column: b, is: 'true' } ]
            dependents: ['a, b']                                       | dependents: [a, b]
            """)
    void anotherPolicyIsAnotherVersionHoweverItIsWritten(String one, String other) throws Exception {
        String rest = GOOD.replaceAll("(?m)^ *filter: .*\n", "");

        String before =
                load(rest + "    " + one + "\n").find("notes").orElseThrow().hash();
        String after =
                load(rest + "    " + other + "\n").find("notes").orElseThrow().hash();

        assertThat(after).isNotEqualTo(before);
    }

    @Test
    void aFileInAnotherEncodingIsSaidToBeOne() throws Exception {
        Path file = folder.resolve("policies.yaml");
        Files.writeString(file, GOOD + "# Löschen nach zwei Tagen\n", StandardCharsets.ISO_8859_1);

        assertThatThrownBy(() -> Policies.load(TestSettings.with(Map.of("policies-file", file.toString()))))
                .hasMessageContaining("must be UTF-8");
    }

    @Test
    void ageOfATimeIsTheSameVersionAsBeforeThereWereNumbers() {
        assertThat(new AgeColumn("at", AgeColumn.Means.EVENT, ZoneOffset.UTC, null))
                .hasToString("AgeColumn[column=at, means=EVENT, zone=Z]");
    }

    @Test
    void aNumberIsNothingThatARestoreCouldUndo() {
        assertThatThrownBy(() -> load(GOOD.replace("means: event", "means: event, epoch: seconds")
                        + "    restore: [ { column: kind, to: null } ]\n"))
                .hasMessageContaining(
                        "restore is for an age that is a date or a timestamp, not for one that counts seconds");
        assertThatThrownBy(() -> load(GOOD.replace("means: event", "means: event, epoch: days")))
                .hasMessageContaining("age.epoch must be one of seconds, milliseconds, microseconds");
    }

    /** A start that takes a minute is one that a probe ends, each time. */
    @Test
    void aFileThatIsTooLargeIsSaidToBeSo() throws Exception {
        assertThatThrownBy(() -> load(GOOD + "#".repeat(1 << 20)))
                .hasMessageContaining("policies.yaml: must be at most 1 MiB");
        assertThat(load(GOOD + "# a comment\n".repeat(50_000)).find("notes")).isPresent();
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
            max-rows: 10,                    | 'max-rows: ,'               | max-rows has no value
            max-rows: 10,                    | max-rows: -1,               | max-rows must be
            max-fraction: 0.5                | max-fraction: 1.5           | max-fraction must be between 0 and 1
            max-fraction: 0.5                | ''                          | limits.max-fraction is missing
            'is: true'                       | 'is: maybe'                 | must be true, false, null or not-null
            'is: true'                       | 'sql: 1=1'                  | is not known
            'means: event,'                  | ''                          | age.means is missing
            zone: UTC                        | zone: Mars                  | zone must be like
            table: notes                     | table: notes, where: 1=1    | policies.yaml
            name: notes                      | name: Notes!                | name must be of
            name: notes                      | name: a234567890123456789012345678901234567890123456789012345678901234 | name must have at most 63 characters
            'column: made_at'                | 'column: " "'               | age.column must not be blank
            'means: event'                   | 'means: 1'                  | policies[1].age.means must be one of event, end-of-life (line 4)
            max-rows: 10,                    | max-rows: 1.9,              | policies[1].limits.max-rows must be a whole number
            max-rows: 10,                    | max-rows: "5",              | policies[1].limits.max-rows must be a whole number
            max-rows: 10,                    | max-rows: 010,              | the value 010 would be taken as 8
            max-fraction: 0.5                | max-fraction: .nan          | Malformed numeric value
            name: notes                      | name: *notes                | is an alias; write what it stands for (line 2)
            'is: true'                       | 'in: [*a]'                  | is an alias; write
            'is: true'                       | 'in: [1, 010]'              | the value 010 would be taken as 8; write it in quotes
            'is: true'                       | 'in: [1.10]'                | the value 1.10 would be taken as 1.1
            'is: true'                       | 'in: [no]'                  | the value no would be taken as false
            'is: true'                       | 'in: [1e3]'                 | the value 1e3 would be taken as 1000.0
            'filter: [ { column: gone, is: true } ]' | filter: gone = true | policies[1].filter must be a list
            zone: UTC                        | zone: UTC, tz: UTC          | policies[1].age.tz is not known; known are column, epoch, means, zone
            'column: gone'                   | 'column: null'              | column has no value; write one
            'column: gone'                   | 'column: [gone]'            | filter.column must be a text
            'is: true'                       | 'in: [null]'                | filter on gone.in must be a text
            'is: true'                       | 'in: [[1, 2]]'              | filter on gone.in must be a text
            'is: true'                       | 'in: {a: b}'                | must have either is
            'is: true'                       | 'is: '                      | is has no value; write one
            'is: true'                       | 'is: not-null, in: closed'  | filter on gone must have either is
            'is: true'                       | 'is: not-null, in: []'      | filter on gone must have either is
            '[ { column: gone, is: true } ]' | '[ null ]'                  | filter has an empty entry
            """)
    void aWrongFileSaysWhatIsWrong(String part, String instead, String rule) {
        assertThatThrownBy(() -> load(GOOD.replace(part, instead)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("caretaker.cleanup.policies-file")
                .hasMessageContaining(rule);
    }

    /** What is appended to a good policy; a line of its own each. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            retention: P9D                            | Duplicate field 'retention'
            mode:                                     | mode has no value; write one, or leave the line out (line
            action: ~                                 | action has no value
            notice:                                   | notice has no value
            notice: { before: }                       | before has no value
            dependents: null                          | dependents has no value
            mode: 1                                   | policies[1].mode must be one of shadow, enforce
            mode: Enforce                             | policies[1].mode must be one of shadow, enforce
            optional: 1                               | policies[1].optional must be true or false
            action: anonymise; mask: [ { column: a, with: constant, value: 0x10 } ] | the value 0x10 would be taken as 16
            schema: ''                                | schema must not be blank
            key: [null]                               | key has an empty entry
            key: id                                   | policies.yaml
            dependents: [null]                        | dependents has an empty entry
            restore: [ { column: gone } ]             | restore.to is missing
            restore: [ null ]                         | restore has an empty entry
            action: anonymise; mask: [ null ]     | mask has an empty entry
            action: anonymise; mask: [ { column: a, with: constant, value: null } ] | mask.value must be a text
            """)
    void whatIsSaidTwiceOrNotSaidAtAllIsNotGuessed(String line, String rule) {
        assertThatThrownBy(() -> load(GOOD + "    " + line.replace("; ", "\n    ") + "\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("caretaker.cleanup.policies-file")
                .hasMessageContaining(rule);
    }

    @Test
    void whatLooksLikeWhatItIsNeedsNoQuotes() throws Exception {
        Policies policies = load(GOOD.replace("is: true", "in: [5, -1, 0.5, true, '010', \"1.10\", 2026-01-01, x]"));

        assertThat(policies.find("notes").orElseThrow().filter().get(0).in())
                .containsExactly("5", "-1", "0.5", "true", "010", "1.10", "2026-01-01", "x");
    }

    @Test
    void aSecondDocumentIsNotPassedOver() {
        assertThatThrownBy(() -> load(GOOD + "---\n" + GOOD)).hasMessageContaining("must be one document");
    }

    @Test
    void aPolicyWithoutAnythingInItIsNamed() {
        assertThatThrownBy(() -> load(GOOD + "  - null\n")).hasMessageContaining("policies has an empty entry");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0.001S", "PT1.001S", "PT9223372036854775807S"})
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
        assertThatThrownBy(() -> load("")).hasMessageContaining("must be one document");
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
                .hasMessageContaining("notice.undeliverable must be one of purge, hold");
    }

    @Test
    void settingsOfAnUnknownPolicyAreAnError() {
        assertThatThrownBy(() -> Policies.load(TestSettings.with(Map.of("policies.\"sessions\".max-rows", "5"))))
                .hasMessageContaining("there is no such policy");
    }

    /** USER_NOTICE_DAYS says that users are told; a policy that takes the shipped one's place must not do without. */
    @Test
    void aPolicyOfOnesOwnForUsersTellsThemOrTheStartSaysSo() throws Exception {
        Path file = folder.resolve("users.yaml");
        Files.writeString(file, GOOD.replace("name: notes", "name: soft-deleted-users"));
        Map<String, String> settings = new HashMap<>(Map.of("policies-file", file.toString()));
        assertThat(Policies.load(TestSettings.with(settings)).find(Policies.USERS))
                .isPresent();
        settings.put("user-notice-days", "7");
        settings.put("public-url", "https://app.example.com");

        assertThatThrownBy(() -> Policies.load(TestSettings.with(settings)))
                .hasMessageContaining("USER_NOTICE_DAYS")
                .hasMessageContaining("tells nobody");
    }
}
