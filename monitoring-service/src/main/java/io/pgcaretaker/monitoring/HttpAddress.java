package io.pgcaretaker.monitoring;

import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** Somewhere that can be called; the message never shows the value, which may hold a secret. */
@Target(ElementType.TYPE_USE)
@Retention(RetentionPolicy.RUNTIME)
@Constraint(validatedBy = HttpAddress.Rule.class)
@interface HttpAddress {

    String message() default "must be an address such as https://host:port/path, without user and password";

    Class<?>[] groups() default {};

    Class<? extends Payload>[] payload() default {};

    /**
     * A host is what {@code alertmanager:9093} lacks, which is an address of the scheme alertmanager. Java's client shows nobody
     * a user and password of an address.
     */
    final class Rule implements ConstraintValidator<HttpAddress, URI> {
        @Override
        public boolean isValid(@Nullable URI address, ConstraintValidatorContext context) {
            return address == null || canBeCalled(address);
        }

        static boolean canBeCalled(URI address) {
            String scheme = address.getScheme();
            return address.getHost() != null
                    && address.getRawUserInfo() == null
                    && ("http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme));
        }
    }
}
