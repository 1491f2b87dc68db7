package io.pgcaretaker.cli.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The keys of this machine, made once.
 *
 * @param apiKey for the person at the terminal: roles operator, sender, reporter
 * @param serviceKey what the services show each other: roles sender, viewer
 * @param postgresPassword of the embedded PostgreSQL's superuser
 */
public record Secrets(String apiKey, String serviceKey, String postgresPassword) {

    /** Reads them, or makes them at the first call. */
    public static Secrets of(Home home) {
        try {
            if (Files.exists(home.secrets())) {
                Secrets read = Json.MAPPER.readValue(Files.readString(home.secrets()), Secrets.class);
                if (read == null || !read.isWhole()) {
                    throw damaged(home, null);
                }
                return read;
            }
            if (Files.exists(home.postgresData())) {
                // Its password is in them alone.
                throw new CannotException(home.secrets() + " is gone, without which nobody gets into "
                        + home.postgresData() + "; put it back, or move that away and start anew");
            }
            Secrets fresh = new Secrets("ctk_" + random(), "ctk_" + random(), random());
            PrivateFile.write(home.secrets(), Json.MAPPER.writeValueAsString(fresh));
            return fresh;
        } catch (JsonProcessingException e) {
            throw damaged(home, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static CannotException damaged(Home home, @Nullable Throwable cause) {
        return new CannotException(
                home.secrets() + " is damaged; delete it together with " + home.postgresData(), cause);
    }

    private boolean isWhole() {
        return Stream.of(apiKey, serviceKey, postgresPassword).noneMatch(each -> each == null || each.isBlank());
    }

    /** 256 bits, 43 characters of A-Z a-z 0-9 _ -. */
    private static String random() {
        byte[] bytes = new byte[32];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    @Override
    public String toString() {
        return "Secrets[***]";
    }
}
