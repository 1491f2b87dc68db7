package io.pgcaretaker.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.ws.rs.WebApplicationException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SmallAnswersTest {

    private final ObjectMapper json = new ObjectMapper();
    private int hungUp;

    private InputStream answer(String text) {
        return answer(text.getBytes(StandardCharsets.UTF_8));
    }

    private InputStream answer(byte[] body) {
        return new SmallAnswers.Bounded(new ByteArrayInputStream(body), () -> hungUp++);
    }

    @Test
    void anAnswerIsReadToItsEndAndTheConnectionKept() throws IOException {
        assertThat(SmallAnswers.read(json, answer("{\"a\":1}"), JsonNode.class))
                .isEqualTo(json.createObjectNode().put("a", 1));

        assertThat(hungUp).isZero();
    }

    @Test
    void anAnswerWithoutAnEndIsReadNoFurtherThanItsLimit() {
        InputStream endless = new SmallAnswers.Bounded(
                new InputStream() {
                    @Override
                    public int read() {
                        return '[';
                    }
                },
                () -> hungUp++);

        assertThatThrownBy(() -> SmallAnswers.read(json, endless, JsonNode.class))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(JsonProcessingException.class)
                .hasMessageContaining("more than 1048576 bytes");
        assertThat(hungUp).isEqualTo(1);
    }

    @Test
    void theLargestThatMayBeIsRead() throws IOException {
        byte[] body = new byte[SmallAnswers.MOST_BYTES];
        Arrays.fill(body, (byte) ' ');
        body[0] = '7';

        assertThat(SmallAnswers.read(json, answer(body), Integer.class)).isEqualTo(7);
    }

    @Test
    void nothingIsNoAnswerAndSomethingElseIsAnError() throws IOException {
        assertThat(SmallAnswers.read(json, answer(""), JsonNode.class)).isNull();
        assertThat(SmallAnswers.read(json, (InputStream) null, JsonNode.class)).isNull();
        assertThatThrownBy(() -> SmallAnswers.read(json, answer("<html>"), JsonNode.class))
                .isInstanceOf(JsonProcessingException.class);
    }

    @Test
    void whatIsNotReadToItsEndIsHungUpOn() throws IOException {
        answer("{}").close();

        assertThat(hungUp).isEqualTo(1);
    }

    @Test
    void aRefusalStaysOne() {
        assertThatThrownBy(() -> SmallAnswers.read(
                        json,
                        () -> {
                            throw new WebApplicationException(403);
                        },
                        JsonNode.class))
                .isInstanceOf(WebApplicationException.class);
    }
}
