package io.pgcaretaker.cli.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code .caretaker/local.json}: what runs where, for scripts and the other commands. There while `up` runs.
 *
 * @param monitoring base URL, as {@code cleanup}, {@code email}; absent with {@code --without-services}
 * @param mailCatcher the inbox's base URL, absent when SMTP is the user's own
 * @param smtpUrl where email-service delivers to, when that is the mail catcher
 * @param databaseUrl with the password
 * @param management base URLs of the ports with {@code /q/health/ready} and {@code /q/metrics}, by service
 * @param pids of launcher, postgres, monitoring, cleanup, email: those that run
 */
public record LocalState(
        @Nullable String monitoring,
        @Nullable String cleanup,
        @Nullable String email,
        @Nullable String mailCatcher,
        @Nullable String smtpUrl,
        String databaseUrl,
        String apiKey,
        String serviceKey,
        Map<String, String> management,
        Map<String, Long> pids) {

    public LocalState {
        management = Map.copyOf(management);
        pids = Map.copyOf(pids);
    }

    public static Optional<LocalState> read(Home home) {
        try {
            return Optional.of(Json.MAPPER.readValue(Files.readString(home.localState()), LocalState.class));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JsonProcessingException e) {
            throw new CannotException(
                    home.localState() + " is not as `up` writes it; delete it, ./caretaker up writes it anew", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void write(Home home) {
        try {
            PrivateFile.write(home.localState(), Json.MAPPER.writeValueAsString(this) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * False when the launcher was killed and could not take the file away. Its lock tells: after a restart of the machine its
     * pid may be another program's.
     */
    public boolean launcherLives(Home home) {
        return HomeLock.isHeld(home);
    }

    @Override
    public String toString() {
        return "LocalState[pids=" + pids + "]";
    }
}
