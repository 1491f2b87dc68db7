package io.pgcaretaker.cleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cleanup.catalogue.RowKey;
import io.pgcaretaker.problem.ProblemException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys and texts of requests, as they are read: what is made into something else names another row. */
class GivenKeyTest {

    private record Request(JsonNode key) {}

    private static Optional<RowKey> read(String key) throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        new RequestJson().customize(mapper);
        return RowKey.read(
                List.of("id"),
                mapper.readValue("{\"key\": " + key + "}", Request.class).key());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"42", "-7", "9223372036854775808", "12345678901234567.89", "1.50", "0.1000000000000000000001"})
    void aNumberIsTheKeyToItsLastDigit(String number) throws Exception {
        assertThat(read(number).orElseThrow().values()).containsExactly(number);
    }

    /** PostgreSQL would be sent a question mark in the place of it. */
    @ParameterizedTest
    @ValueSource(strings = {"\\ud800", "a\\udc00b"})
    void halfACharacterIsNoPartOfAKeyOrAText(String half) throws Exception {
        assertThat(read('"' + half + '"')).isEmpty();
        assertThat(read("{\"id\": \"" + half + "\"}")).isEmpty();
        String text = new ObjectMapper().readValue('"' + half + '"', String.class);
        assertThatThrownBy(() -> GivenText.checked("reason", text)).isInstanceOf(ProblemException.class);
    }

    @Test
    void aCharacterOfTwoHalvesIs() throws Exception {
        assertThat(read("\"\\ud83d\\ude00\"").orElseThrow().values()).containsExactly("\uD83D\uDE00");
        assertThat(GivenText.checked("reason", "\uD83D\uDE00")).isEqualTo("\uD83D\uDE00");
    }
}
