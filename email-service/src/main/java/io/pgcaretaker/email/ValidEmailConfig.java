package io.pgcaretaker.email;

import io.pgcaretaker.email.address.MailAddress;
import io.pgcaretaker.email.address.WebOrigin;
import io.pgcaretaker.email.alertmanager.Receivers;
import io.pgcaretaker.email.delivery.RatePolicy;
import io.pgcaretaker.email.delivery.UnknownPolicy;
import io.pgcaretaker.email.dkim.DkimSigners;
import io.pgcaretaker.email.intake.AllowedSenders;
import io.pgcaretaker.email.secret.WrappingKey;
import io.pgcaretaker.email.smtp.SmtpSettings;
import io.pgcaretaker.email.webhook.WebhookEndpoint;
import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The settings make a way out for mail; the message names the environment variable and never repeats a secret. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Constraint(validatedBy = ValidEmailConfig.Validator.class)
@interface ValidEmailConfig {

    String message() default "is wrong";

    Class<?>[] groups() default {};

    Class<? extends Payload>[] payload() default {};

    /** Reads what the transport will read. */
    class Validator implements ConstraintValidator<ValidEmailConfig, EmailConfig> {
        @Override
        public boolean isValid(EmailConfig config, ConstraintValidatorContext context) {
            List<String> faults = faults(config);
            context.disableDefaultConstraintViolation();
            for (String fault : faults) {
                context.buildConstraintViolationWithTemplate(fault.replaceAll("([\\\\{}$])", "\\\\$1"))
                        .addConstraintViolation();
            }
            return faults.isEmpty();
        }

        /** All of them, so that nobody has to start again to learn of the next. */
        static List<String> faults(EmailConfig config) {
            List<String> faults = new ArrayList<>();
            MailerSettings.fault().ifPresent(faults::add);
            for (Runnable check : checks(config)) {
                try {
                    check.run();
                } catch (IllegalArgumentException e) {
                    faults.add(String.valueOf(e.getMessage()));
                }
            }
            return faults;
        }

        private static List<Runnable> checks(EmailConfig config) {
            return List.of(
                    () -> Sender.of(config, SmtpSettings.all(config).get(0)),
                    () -> config.secretKey().ifPresent(WrappingKey::configured),
                    () -> new Receivers(config.alertmanager()),
                    () -> new AllowedSenders(config.senders()),
                    () -> WebhookEndpoint.of(config),
                    () -> new UnknownPolicy(config),
                    () -> new DkimSigners(config.dkim()),
                    () -> new RatePolicy(config.rates()),
                    () -> config.appUrl().ifPresent(url -> requireWebAddress(url)),
                    () -> config.publicUrl().ifPresent(url -> requireSecureAddress(url)),
                    () -> requireAddresses("daily", config.digests().daily()),
                    () -> requireAddresses("weekly", config.digests().weekly()),
                    () -> requireLease(config.delivery()));
        }

        private static void requireLease(EmailConfig.Delivery delivery) {
            if (delivery.lease().compareTo(delivery.sendDeadline()) <= 0) {
                throw new IllegalArgumentException("caretaker.email.delivery.lease must be longer than send-deadline ("
                        + delivery.sendDeadline() + "), but is " + delivery.lease());
            }
        }

        /** RFC 8058 knows https only. */
        private static void requireSecureAddress(String url) {
            boolean here = WebOrigin.of(url)
                    .filter(origin -> origin.host().equals("localhost"))
                    .isPresent();
            if (WebOrigin.of(url).isEmpty() || url.contains("?") || !(here || url.startsWith("https://"))) {
                throw new IllegalArgumentException("EMAIL_PUBLIC_URL must be https://host[/path], but is " + url);
            }
        }

        private static void requireAddresses(String setting, Optional<List<String>> addresses) {
            for (String address : addresses.orElse(List.of())) {
                try {
                    MailAddress.parse(address);
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException(
                            "caretaker.email.digests." + setting + " " + e.getMessage() + ", but one is " + address, e);
                }
            }
        }

        private static void requireWebAddress(String url) {
            if (WebOrigin.of(url).isEmpty()) {
                throw new IllegalArgumentException("APP_URL must be http://host or https://host, but is " + url);
            }
        }
    }
}
