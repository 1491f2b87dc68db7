package io.pgcaretaker.email.dkim;

import io.pgcaretaker.email.EmailConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Who signs for which domain: only for a sender's own, since a receiver wants the two to be the same. */
public final class DkimSigners {

    private static final Pattern LABELS = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9-]+)*");

    private final Map<String, DkimSigner> signers = new HashMap<>();

    /**
     * Reads the configuration and the keys.
     *
     * @throws IllegalArgumentException naming the setting and its rule, never a key
     */
    public DkimSigners(Map<String, EmailConfig.Dkim> config) {
        config.forEach((domain, dkim) -> signers.put(domain.toLowerCase(Locale.ROOT), signer(domain, dkim)));
    }

    private static DkimSigner signer(String domain, EmailConfig.Dkim dkim) {
        String setting = "caretaker.email.dkim.\"" + domain + "\".";
        if (!LABELS.matcher(domain).matches()) {
            throw new IllegalArgumentException("caretaker.email.dkim must be by domain, but one is " + domain);
        }
        if (!LABELS.matcher(dkim.selector()).matches()) {
            throw new IllegalArgumentException(setting + "selector must be a DNS label, but is " + dkim.selector());
        }
        if (dkim.key().isPresent() == dkim.keyFile().isPresent()) {
            throw new IllegalArgumentException(setting + "key or key-file must be set, and not both");
        }
        String pem = dkim.key().orElseGet(() -> read(setting, dkim.keyFile().orElseThrow()));
        try {
            return new DkimSigner(domain.toLowerCase(Locale.ROOT), dkim.selector(), RsaKeys.read(pem));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    setting + (dkim.key().isPresent() ? "key " : "key-file ") + e.getMessage(), e);
        }
    }

    private static String read(String setting, String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new IllegalArgumentException(setting + "key-file cannot be read: " + file, e);
        }
    }

    public Optional<DkimSigner> of(String domain) {
        return Optional.ofNullable(signers.get(domain.toLowerCase(Locale.ROOT)));
    }
}
