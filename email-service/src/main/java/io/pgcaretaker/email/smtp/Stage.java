package io.pgcaretaker.email.smtp;

import java.util.Locale;

/** How far an SMTP conversation came; in the order in which it goes. */
public enum Stage {
    CONNECT,
    EHLO,
    STARTTLS,
    AUTH,
    MAIL,
    RCPT,
    DATA,
    BODY,
    /** The final dot is out: from here on the server may have taken the mail. */
    END_OF_DATA;

    /** Nothing before this concerns the mail: whatever fails there is the transport's fault. */
    boolean concernsTheMail() {
        return compareTo(MAIL) >= 0;
    }

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
