package io.pgcaretaker.cli.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cli.up.LocalCaretaker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What has arrived in the mail catcher of an {@code up}. */
final class Catcher {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final LocalCaretaker up;

    /** By their ids: what has arrived does not change, and is looked at again and again. */
    private final Map<String, JsonNode> read = new HashMap<>();

    Catcher(LocalCaretaker up) {
        this.up = up;
    }

    List<String> subjects() {
        List<String> subjects = new ArrayList<>();
        list().forEach(mail -> subjects.add(mail.path("subject").asText()));
        return subjects;
    }

    /** The subjects of the mails whose text holds this. */
    List<String> subjectsOfMailsThatSay(String text) {
        return mailsThatSay(text).stream()
                .map(mail -> mail.path("subject").asText())
                .toList();
    }

    /** The texts of the mails that hold this. */
    List<String> textsThatSay(String text) {
        return mailsThatSay(text).stream()
                .map(mail -> mail.path("text").asText())
                .toList();
    }

    private List<JsonNode> mailsThatSay(String text) {
        List<JsonNode> mails = new ArrayList<>();
        for (JsonNode summary : list()) {
            JsonNode mail = read.computeIfAbsent(summary.path("id").asText(), id -> read("/api/messages/" + id));
            if (mail.path("text").asText().contains(text)) {
                mails.add(mail);
            }
        }
        return mails;
    }

    private JsonNode list() {
        JsonNode answer = read("/api/messages");
        return answer.isArray() ? answer : answer.path("messages");
    }

    private JsonNode read(String path) {
        try {
            return JSON.readTree(up.get(up.state().mailCatcher() + path).body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
