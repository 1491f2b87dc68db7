package io.pgcaretaker.email;

import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.TrimmedStringConverter;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import java.time.Duration;
import java.time.LocalTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

/** How mail leaves, how long it may wait and what may be handed in. */
@ConfigMapping(prefix = "caretaker.email")
@ValidEmailConfig
public interface EmailConfig {

    /** {@code SMTP_URL}: {@code smtp://[user:password@]host:port[?starttls=required|optional|disabled]} or {@code smtps://}. */
    Optional<String> smtpUrl();

    /** {@code RESEND_API_KEY}: alone, it means Resend's SMTP relay. */
    @WithConverter(TrimmedStringConverter.class)
    Optional<String> resendApiKey();

    /** {@code SMTP_FALLBACKS}: ways out while the first is at fault, in their order; {@code resend} is Resend's relay. */
    Optional<List<String>> smtpFallbacks();

    /** By the domain of a sender: how its mail is signed. */
    Map<String, Dkim> dkim();

    /** {@code FROM_EMAIL}: the sender of mails that name none. */
    Optional<String> from();

    /** {@code APP_URL}: where the application lives; links in its mails must lead there. */
    Optional<String> appUrl();

    /** {@code EMAIL_SECRET_KEY}: 32 bytes in base64; seals what a mail must not keep in the clear. */
    Optional<String> secretKey();

    /** {@code EMAIL_TEMPLATES}: a directory with templates that take the place of built-in ones. */
    Optional<String> templatesDirectory();

    /** How long a request's idempotency key is remembered. */
    @WithDefault("30d")
    @DurationMin(days = 30, message = "must be at least 30 days, but is ${validatedValue}")
    Duration idempotencyRetention();

    /** By the name of an API key: the addresses, or {@code @domain}, that it may send from. */
    Map<String, List<String>> senders();

    /** Who is told of what happens to mail, by a name of your choice. */
    Map<String, Webhook> webhooks();

    /** How long one call of a webhook may take from the connection to the answer's end. */
    @WithDefault("10s")
    @DurationMin(seconds = 1, message = "must be at least 1 second, but is ${validatedValue}")
    @DurationMax(minutes = 5, message = "must be at most 5 minutes, but is ${validatedValue}")
    Duration webhookDeadline();

    /** By the kind of mail: what becomes of one whose outcome nobody knows. */
    Map<String, Kind.OnUnknown> onUnknown();

    /** How long a mail is kept after it was accepted, unless it still waits. */
    @WithDefault("90d")
    @DurationMin(days = 1, message = "must be at least 1 day, but is ${validatedValue}")
    Duration retention();

    Delivery delivery();

    Limits limits();

    Rates rates();

    Digests digests();

    /** {@code EMAIL_PUBLIC_URL}: where mail programs of recipients reach this service. */
    Optional<String> publicUrl();

    Expiry expiry();

    Alertmanager alertmanager();

    /** A signature (RFC 6376). */
    interface Dkim {

        /** Where the domain publishes the key: {@code <selector>._domainkey.<domain>}. */
        String selector();

        /** The private key itself, in PEM. */
        Optional<String> key();

        /** A file with the private key, in PEM. */
        Optional<String> keyFile();
    }

    /** A receiver of webhooks. */
    interface Webhook {

        /** Where it listens. */
        String url();

        /** What its messages are signed with, such as {@code whsec_…}; several while one takes another's place. */
        List<String> secrets();

        /** What it wants to know. */
        @WithDefault("email.sent,email.delivery_delayed,email.failed,email.bounced,email.suppressed")
        List<String> events();
    }

    /** The work of sending. */
    interface Delivery {

        /** Connections to the SMTP server, each with a thread of its own. */
        @WithDefault("4")
        @Min(value = 1, message = "must be at least 1, but is ${validatedValue}")
        @Max(value = 64, message = "must be at most 64, but is ${validatedValue}")
        int workers();

        /** How often the queue is looked at when nobody woke the workers. */
        @WithDefault("1s")
        @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
        Duration pollInterval();

        /** The same while nothing is due; longer lets a database that scales to zero sleep. */
        @WithDefault("1s")
        @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
        Duration idlePollInterval();

        /** How long a claimed mail belongs to its worker; after a crash it waits this long. */
        @WithDefault("2m")
        Duration lease();

        /** How long one attempt may take from the connection to the server's last word. */
        @WithDefault("30s")
        @DurationMin(seconds = 1, message = "must be at least 1 second, but is ${validatedValue}")
        Duration sendDeadline();

        /** As what SMTP servers are greeted; absent: this machine's name, or its address where it has none. */
        Optional<
                        @Pattern(
                                regexp = "[A-Za-z0-9.-]{1,253}|\\[[0-9A-Za-z:.]{1,60}]",
                                message = "must be a host name such as mail.example.com, or an address in brackets")
                        String>
                ehloName();

        /** The first pause after a server's "not now"; the next ones grow to four hours. */
        @WithDefault("1m")
        @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
        Duration firstRetry();

        /** The first pause of a transport that cannot be reached; the next ones double. */
        @WithDefault("5s")
        @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
        Duration circuitPause();

        @WithDefault("5m")
        @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
        Duration circuitLongestPause();

        /** How often expired secrets and idempotency keys are removed. */
        @WithDefault("1m")
        @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
        Duration tidyInterval();

        /** How often the queue is measured for status and metrics. */
        @WithDefault("5s")
        @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
        Duration measureInterval();
    }

    /** What is refused at the door. */
    interface Limits {

        /** All attachments of one mail together, decoded. */
        @WithDefault("10M")
        MemorySize attachments();

        /** HTML and text together, in bytes of UTF-8. */
        @WithDefault("1M")
        MemorySize body();

        /** How far ahead a mail may be scheduled. */
        @WithDefault("30d")
        @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
        Duration schedule();
    }

    /** How fast. */
    interface Rates {

        /** Requests a second of one API key, at each replica. */
        @WithDefault("10000")
        @Min(value = 1, message = "must be at least 1, but is ${validatedValue}")
        int requests();

        /** By the name of an API key: its own requests a second. */
        Map<String, Integer> keys();

        /** Mails a minute to any one domain, over all replicas. */
        Optional<Integer> domain();

        /** By the domain: its own mails a minute. */
        Map<String, Integer> domains();

        /** Mails an hour to any one address, over all replicas. */
        Optional<Integer> recipient();
    }

    /** How long each kind of mail may wait before it is of no use. */
    interface Expiry {

        @WithDefault("96h")
        @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
        Duration plain();

        @WithDefault("24h")
        @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
        Duration welcome();

        /** At most: a link that ends earlier ends the mail earlier. */
        @WithDefault("1h")
        @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
        Duration passwordReset();

        @WithDefault("120h")
        @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
        Duration deletionNotice();

        @WithDefault("24h")
        @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
        Duration alert();

        @WithDefault("24h")
        @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
        Duration incident();

        @WithDefault("72h")
        @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
        Duration runReport();

        /** Of each of the three. */
        @WithDefault("24h")
        @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
        Duration digest();

        @WithDefault("1h")
        @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
        Duration test();
    }

    /** What is put together for humans. */
    interface Digests {

        /** Alert and incident mails an hour to one address; what is more goes into a digest. */
        @WithDefault("20")
        @Min(value = 1, message = "must be at least 1, but is ${validatedValue}")
        int budget();

        /** How long the first mail over the budget waits for others before they go in one. */
        @WithDefault("15m")
        @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
        Duration rollUpAfter();

        /** Who is told each day what it came to. */
        Optional<List<String>> daily();

        /** Who is told each Monday what the week came to. */
        Optional<List<String>> weekly();

        /** When, in UTC. */
        @WithDefault("08:00")
        LocalTime at();
    }

    /** Who is written to when Alertmanager posts. */
    interface Alertmanager {

        /** {@code ALERT_EMAIL}: for every receiver that is not in {@link #receivers}. */
        Optional<List<String>> recipients();

        /** By the name of the receiver in Alertmanager's configuration. */
        Map<String, List<String>> receivers();

        /** The same post within this time is a try again, after it a repeat on purpose. */
        @WithDefault("2m")
        @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
        Duration repeatWindow();
    }
}
