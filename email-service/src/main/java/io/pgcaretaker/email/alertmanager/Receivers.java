package io.pgcaretaker.email.alertmanager;

import io.pgcaretaker.email.EmailConfig;
import io.pgcaretaker.email.address.MailAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Who is written to for which receiver of Alertmanager's configuration. */
public final class Receivers {

    private final Map<String, List<MailAddress>> named = new LinkedHashMap<>();
    private final List<MailAddress> others;

    /**
     * Reads the configuration.
     *
     * @throws IllegalArgumentException naming the setting whose address is none
     */
    public Receivers(EmailConfig.Alertmanager config) {
        this.others = addresses("recipients", config.recipients().orElse(List.of()));
        config.receivers().forEach((name, texts) -> named.put(name, addresses("receivers.\"" + name + "\"", texts)));
    }

    private static List<MailAddress> addresses(String setting, List<String> texts) {
        return texts.stream().map(text -> address(setting, text)).toList();
    }

    private static MailAddress address(String setting, String text) {
        try {
            return MailAddress.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "caretaker.email.alertmanager." + setting + " " + e.getMessage() + ", but one is " + text, e);
        }
    }

    /** Empty when nobody is named. */
    List<MailAddress> of(String receiver) {
        return named.getOrDefault(receiver, others);
    }
}
