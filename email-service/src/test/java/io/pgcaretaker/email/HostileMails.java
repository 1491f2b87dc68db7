package io.pgcaretaker.email;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Mails that must not pass the door, each wrong in one place. */
final class HostileMails {

    /** Escaped, since half of a surrogate pair has no bytes of its own. */
    static final ObjectMapper JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private static final List<String> BREAKS = List.of(
            "\r\n", "\n", "\r", "\u0000", "\u001b", "\u2028", "\u2029", "\u0085", "\u202A", "\u202E", "\u2066",
            "\u2069", "\ud83d");

    private static final List<String> ADDRESS_FIELDS = List.of("from", "to", "cc", "bcc", "reply_to");

    private HostileMails() {}

    private static Map<String, Object> good() {
        Map<String, Object> mail = new HashMap<>();
        mail.put("from", "Acme <a@acme.test>");
        mail.put("to", "b@x.test");
        mail.put("subject", "hostile");
        mail.put("text", "x");
        return mail;
    }

    static String any(Random random) {
        Map<String, Object> mail = good();
        switch (random.nextInt(8)) {
            case 0 -> mail.put("subject", broken("A subject of some words", random));
            case 1 -> {
                String address = broken("Some Body <some.body@x.test>", random);
                mail.put(one(ADDRESS_FIELDS, random), address);
            }
            case 2 -> mail.put("headers", Map.of(broken("X-Some-Header", random), "v"));
            case 3 -> mail.put("headers", Map.of("X-Some-Header", broken("some value", random)));
            case 4 -> mail.put("attachments", List.of(attachment(random)));
            case 5 ->
                mail.put(
                        one(
                                List.of("from", "to", "subject", "text", "html", "tags", "attachments", "scheduled_at"),
                                random),
                        wrongType(random));
            case 6 -> mail.put("to", words("a", random) + "@" + words("x", random));
            default -> {
                return wrongJson(mail, random);
            }
        }
        return write(mail);
    }

    private static Map<String, Object> attachment(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> Map.of("filename", broken("file.txt", random), "content", "YQ==");
            case 1 -> Map.of("filename", "a", "content", "YQ==", "content_type", broken("text/plain", random));
            default -> Map.of("filename", "a", "path", "http://169.254.169.254/" + random.nextInt());
        };
    }

    /** Inside, never at an end: there it could be stripped. */
    private static String broken(String text, Random random) {
        int at = 1 + random.nextInt(text.length() - 1);
        return text.substring(0, at) + one(BREAKS, random) + text.substring(at);
    }

    private static Object wrongType(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt();
            case 1 -> random.nextBoolean();
            case 2 -> Map.of("a", random.nextInt());
            default -> List.of(random.nextInt());
        };
    }

    /** More than one, which no address has. */
    private static String words(String word, Random random) {
        return word + " ".repeat(1 + random.nextInt(5)) + word;
    }

    /** Cut off before its end, or ended too early. */
    private static String wrongJson(Map<String, Object> mail, Random random) {
        String json = write(mail);
        return json.substring(0, 1 + random.nextInt(json.length() - 1));
    }

    private static <T> T one(List<T> of, Random random) {
        return of.get(random.nextInt(of.size()));
    }

    private static String write(Object mail) {
        try {
            return JSON.writeValueAsString(mail);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
