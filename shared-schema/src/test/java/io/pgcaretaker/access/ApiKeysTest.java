package io.pgcaretaker.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeysTest {

    private static final String PLAIN = "ctk_0123456789abcdef0123456789abcdef";
    private static final String SHA256 = "fbd1d4d0d0fd5b2a7c5b3a17bd1bdd0b9a5cf9c1f1d2f2f9a0d1c0d6f5c1a2b3";

    @Test
    void findsAPlainKeyWithItsRolesAndThoseTheyInclude() {
        ApiKeys keys = ApiKeys.parse(List.of("ops:operator+sender:" + PLAIN));

        ApiKey key = keys.find(PLAIN).orElseThrow();

        assertThat(key.name()).isEqualTo("ops");
        assertThat(key.roles()).containsExactlyInAnyOrder(Role.OPERATOR, Role.VIEWER, Role.SENDER);
    }

    @Test
    void findsAKeyGivenAsItsHash() throws Exception {
        var digest = java.security.MessageDigest.getInstance("SHA-256")
                .digest(PLAIN.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        String hash = java.util.HexFormat.of().formatHex(digest);

        assertThat(ApiKeys.parse(List.of("a:viewer:sha256:" + hash)).find(PLAIN))
                .isPresent();
        assertThat(ApiKeys.parse(List.of("a:viewer:" + hash)).find(PLAIN)).isPresent();
        assertThat(ApiKeys.parse(List.of("a:viewer:" + SHA256)).find(PLAIN)).isEmpty();
    }

    @Test
    void readsAFileOfLinesWithComments() {
        ApiKeys keys = ApiKeys.parse(List.of("# the team\nops:operator:" + PLAIN + "\n\n"));

        assertThat(keys.find(PLAIN)).isPresent();
    }

    @Test
    void aFileMayBeginWithAByteOrderMarkAndIsNamedWhenItIsWrong(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("keys");
        Files.writeString(file, "\uFEFF# the team\r\nops:operator:" + PLAIN + "\r\n");
        assertThat(ConfiguredApiKeys.read(with(file, null)).find(PLAIN)).isPresent();

        Files.writeString(file, "ops");
        assertThatThrownBy(() -> ConfiguredApiKeys.read(with(file, null)))
                .hasMessageContaining("CARETAKER_API_KEYS_FILE: must be name:role[+role]:key");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ops",
                "ops:operator",
                "ops:root:ctk_0123456789abcdef0123456789abcdef",
                "ops::ctk_0123456789abcdef0123456789abcdef",
                "o ps:viewer:ctk_0123456789abcdef0123456789abcdef",
                "ops:viewer:ctk_0123456789abcdefSHORT",
                "ops:viewer:sha256:abc",
                "ops:viewer:hunter2hunter2hunter2hunter2hunter2",
                "a:viewer:ctk_0123456789abcdef0123456789abcdef,a:viewer:ctk_0123456789abcdef0123456789abcdef"
            })
    void refusesAWrongEntryWithoutShowingTheKey(String entry) {
        assertThatThrownBy(() -> ApiKeys.parse(List.of(entry)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("0123456789abcdef")
                .hasMessageNotContaining("hunter2");
    }

    /** The last one's roles were in force, and its name in the audit. */
    @Test
    void theSameKeyUnderTwoNamesIsRefused() throws Exception {
        var digest = java.security.MessageDigest.getInstance("SHA-256")
                .digest(PLAIN.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        String hash = java.util.HexFormat.of().formatHex(digest);

        assertThatThrownBy(() -> ApiKeys.parse(List.of("a:viewer:" + PLAIN, "b:operator:sha256:" + hash)))
                .hasMessage("'a' and 'b' have the same key; give each its own");
    }

    private static AccessConfig withServiceKey(String key) {
        return with(null, key);
    }

    private static AccessConfig with(@Nullable Path file, @Nullable String serviceKey) {
        return new AccessConfig() {
            @Override
            public Optional<String> apiKeys() {
                return Optional.empty();
            }

            @Override
            public Optional<Path> apiKeysFile() {
                return Optional.ofNullable(file);
            }

            @Override
            public Optional<String> serviceKey() {
                return Optional.ofNullable(serviceKey);
            }
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"sha256:" + SHA256, "ctk_0123456789abcdefSHORT", PLAIN + "," + PLAIN, "hunter2"})
    void aServiceKeyThatNobodyCanKnowIsSaidToBeOne(String key) {
        assertThatThrownBy(() -> ConfiguredApiKeys.read(withServiceKey(key)))
                .hasMessageContaining("CARETAKER_SERVICE_KEY: must be ctk_")
                .hasMessageNotContaining("0123456789abcdef")
                .hasMessageNotContaining("hunter2");
        assertThat(ConfiguredApiKeys.read(withServiceKey(PLAIN)).isEmpty()).isTrue();
    }

    @Test
    void printsNoKey() {
        assertThat(ApiKeys.parse(List.of("ops:viewer:" + PLAIN)).find(PLAIN).toString())
                .doesNotContain("0123");
    }
}
