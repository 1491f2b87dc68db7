package io.pgcaretaker.email;

import io.pgcaretaker.email.address.MailAddress;
import io.pgcaretaker.email.address.WebOrigin;
import io.pgcaretaker.email.alertmanager.Receivers;
import io.pgcaretaker.email.delivery.RatePolicy;
import io.pgcaretaker.email.delivery.SmtpSettings;
import io.pgcaretaker.email.delivery.UnknownPolicy;
import io.pgcaretaker.email.dkim.DkimSigners;
import io.pgcaretaker.email.intake.AllowedSenders;
import io.pgcaretaker.email.secret.WrappingKey;
import io.pgcaretaker.email.webhook.WebhookEndpoint;
import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
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
            Optional<String> fault = fault(config);
            fault.ifPresent(text -> {
                context.disableDefaultConstraintViolation();
                context.buildConstraintViolationWithTemplate(text.replaceAll("([\\\\{}$])", "\\\\$1"))
                        .addConstraintViolation();
            });
            return fault.isEmpty();
        }

        static Optional<String> fault(EmailConfig config) {
            Optional<String> mailer = MailerSettings.fault();
            if (mailer.isPresent()) {
                return mailer;
            }
            try {
                SmtpSettings smtp = SmtpSettings.of(config);
                Sender.of(config, smtp);
                config.secretKey().ifPresent(WrappingKey::configured);
                new Receivers(config.alertmanager());
                new AllowedSenders(config.senders());
                WebhookEndpoint.of(config);
                new UnknownPolicy(config);
                SmtpSettings.all(config);
                new DkimSigners(config.dkim());
                new RatePolicy(config.rates());
                config.appUrl().ifPresent(url -> requireWebAddress(url));
                config.publicUrl().ifPresent(url -> requireSecureAddress(url));
                requireAddresses("daily", config.digests().daily());
                requireAddresses("weekly", config.digests().weekly());
            } catch (IllegalArgumentException e) {
                return Optional.of(String.valueOf(e.getMessage()));
            }
            if (config.delivery().lease().compareTo(config.delivery().sendDeadline()) <= 0) {
                return Optional.of("caretaker.email.delivery.lease must be longer than send-deadline ("
                        + config.delivery().sendDeadline() + "), but is "
                        + config.delivery().lease());
            }
            return Optional.empty();
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
