package io.pgcaretaker.cli.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.util.Base64;

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
                return Json.MAPPER.readValue(Files.readString(home.secrets()), Secrets.class);
            }
            Secrets fresh = new Secrets("ctk_" + random(), "ctk_" + random(), random());
            PrivateFile.write(home.secrets(), Json.MAPPER.writeValueAsString(fresh));
            return fresh;
        } catch (JsonProcessingException e) {
            throw new CannotException(
                    home.secrets() + " is damaged; delete it together with " + home.postgresData(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
