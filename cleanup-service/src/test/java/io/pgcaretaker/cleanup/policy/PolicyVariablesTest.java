package io.pgcaretaker.cleanup.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.cleanup.CleanupConfig;
import io.pgcaretaker.cleanup.TestSettings;
import io.pgcaretaker.startup.UnknownVariables;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyVariablesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CARETAKER_CLEANUP_POLICIES_SOFT_DELETED_USERS_MODE",
                "CARETAKER_CLEANUP_POLICIES__SOFT_DELETED_USERS_MODE",
                "CARETAKER_CLEANUP_POLICIES__SOFT_DELETED_USERS__MOD",
                "CARETAKER_CLEANUP_POLICIES__SOFT_DELETED_USERS__",
            })
    void oneThatWouldHaveNoEffectStopsTheStart(String variable) {
        assertThatThrownBy(() -> PolicyVariables.requireKnown(Set.of(variable)))
                .hasMessage(variable
                        + " is no setting of a policy; write it as CARETAKER_CLEANUP_POLICIES__OLD_EVENTS__MODE, where the"
                        + " policy is old-events");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CARETAKER_CLEANUP_POLICIES__SOFT_DELETED_USERS__MODE",
                "CARETAKER_CLEANUP_POLICIES__SOFT_DELETED_USERS__MAX_ROWS",
                "CARETAKER_CLEANUP_POLICIES__SOFT_DELETED_USERS__COLUMNS__DELETED_AT_",
                "CARETAKER_CLEANUP_POLICIES_NOTES_MODE",
                "CARETAKER_CLEANUP_POLICIES_FILE",
            })
    void oneOfAPolicyIsKnown(String variable) {
        assertThatCode(() -> PolicyVariables.requireKnown(Set.of(variable))).doesNotThrowAnyException();
    }

    @Test
    void othersAreToldOfAndThoseOfAClusterAreNot() {
        assertThat(UnknownVariables.of(
                        CleanupConfig.class,
                        Set.of(
                                "CARETAKER_CLEANUP_USER_RETENTON_DAYS",
                                "CARETAKER_CLEANUP_USER_RETENTION_DAYS",
                                "CARETAKER_CLEANUP_ARCHIVE_S3_BUCKET",
                                "CARETAKER_CLEANUP_THROTTLE_REPLICA_LAGG",
                                "CARETAKER_CLEANUP_SERVICE_HOST",
                                "CARETAKER_CLEANUP_PORT_8082_TCP_ADDR",
                                "CARETAKER_EMAIL_MODE",
                                "CARETAKER_HOME",
                                "PATH")))
                .containsExactly("CARETAKER_CLEANUP_THROTTLE_REPLICA_LAGG", "CARETAKER_CLEANUP_USER_RETENTON_DAYS");
    }

    /** As the configuration reads a variable's name: in small letters, each underscore a point. */
    @Test
    void namesOfPoliciesAndColumnsAreFoundByThoseOfVariables() {
        Policies policies = Policies.load(TestSettings.with(Map.of(
                "policies.\"soft.deleted.users\".mode", "shadow",
                "policies.\"soft.deleted.users\".columns.\"deleted.at\"", "removed_on")));

        RetentionPolicy users = policies.find(Policies.USERS).orElseThrow();
        assertThat(users.mode()).isEqualTo(Mode.SHADOW);
        assertThat(users.age().column()).isEqualTo("removed_on");
    }

    /** So the configuration reads a variable beside a setting of the same policy in a file. */
    @Test
    void aPolicyThatIsSwitchedOffByBothItsNamesIsOff() {
        Policies policies = Policies.load(TestSettings.with(Map.of(
                "policies.\"soft.deleted.users\".enabled", "false",
                "policies.\"soft-deleted-users\".enabled", "false",
                "policies.\"soft-deleted-users\".max-rows", "5")));

        assertThat(policies.find(Policies.USERS)).isEmpty();
    }

    @Test
    void aColumnThatThePolicyDoesNotNameIsRefused() {
        assertThatThrownBy(() -> Policies.load(
                        TestSettings.with(Map.of("policies.\"soft-deleted-users\".columns.delted_at", "removed_on"))))
                .hasMessageContaining("columns.\"delted_at\" is no column that the policy names; it names")
                .hasMessageContaining("deleted_at");
    }
}
