package io.pgcaretaker.email.intake;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLConnection;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Attachments as base64. A {@code path} is refused: this service fetches nothing on a caller's behalf. */
final class AttachmentReader {

    private static final int MOST_ATTACHMENTS = 50;
    private static final int LONGEST_NAME = 255;
    private static final String OCTETS = "application/octet-stream";

    private static final Pattern CONTENT_TYPE =
            Pattern.compile("[A-Za-z0-9!#$&^_.+-]{1,64}/[A-Za-z0-9!#$&^_.+-]{1,64}(?:; ?charset=[A-Za-z0-9_-]{1,32})?");
    private static final Pattern CONTENT_ID = Pattern.compile("[A-Za-z0-9._@+-]{1,128}");

    private final long mostBytes;

    AttachmentReader(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    List<Attachment> read(JsonNode nodes) {
        List<Attachment> attachments = new ArrayList<>();
        long bytes = 0;
        for (JsonNode node : nodes) {
            JsonFields.requireObject(node, "attachments");
            Attachment attachment = attachment(node);
            bytes += attachment.content().length;
            if (bytes > mostBytes) {
                throw RefusedException.attachment("all together may hold at most " + mostBytes + " bytes");
            }
            attachments.add(attachment);
        }
        if (attachments.size() > MOST_ATTACHMENTS) {
            throw RefusedException.attachment("there may be at most " + MOST_ATTACHMENTS);
        }
        return attachments;
    }

    private static Attachment attachment(JsonNode node) {
        if (node.hasNonNull("path")) {
            throw RefusedException.attachment("`path` is not supported, send the file as base64 in `content`");
        }
        String filename = JsonFields.line(node, "filename", LONGEST_NAME);
        String content = JsonFields.text(node, "content");
        if (filename == null || filename.isBlank() || content == null) {
            throw RefusedException.attachment("`filename` and `content` are required");
        }
        return new Attachment(
                filename,
                contentType(JsonFields.line(node, "content_type", LONGEST_NAME), filename),
                contentId(JsonFields.line(node, "content_id", LONGEST_NAME)),
                decode(content));
    }

    private static String contentType(@Nullable String given, String filename) {
        if (given == null) {
            String guessed = URLConnection.guessContentTypeFromName(filename);
            return guessed == null ? OCTETS : guessed;
        }
        if (!CONTENT_TYPE.matcher(given).matches()) {
            throw RefusedException.attachment("`content_type` must be type/subtype");
        }
        return given;
    }

    private static @Nullable String contentId(@Nullable String given) {
        if (given != null && !CONTENT_ID.matcher(given).matches()) {
            throw RefusedException.attachment("`content_id` must be 1 to 128 ASCII letters, digits, . _ @ + and -");
        }
        return given;
    }

    private static byte[] decode(String content) {
        try {
            return Base64.getDecoder().decode(content);
        } catch (IllegalArgumentException e) {
            throw RefusedException.attachment("`content` must be base64");
        }
    }
}
