package io.pgcaretaker.access;

import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The configured keys and the key file can be read; the message names the entry, never a key. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Constraint(validatedBy = ValidApiKeys.Validator.class)
@interface ValidApiKeys {

    String message() default ApiKey.RULE;

    Class<?>[] groups() default {};

    Class<? extends Payload>[] payload() default {};

    /** Reads what {@link ConfiguredApiKeys} will read. */
    class Validator implements ConstraintValidator<ValidApiKeys, AccessConfig> {
        @Override
        public boolean isValid(AccessConfig config, ConstraintValidatorContext context) {
            try {
                ConfiguredApiKeys.read(config);
                return true;
            } catch (IllegalArgumentException e) {
                context.disableDefaultConstraintViolation();
                context.buildConstraintViolationWithTemplate(
                                String.valueOf(e.getMessage()).replaceAll("([\\\\{}$])", "\\\\$1"))
                        .addConstraintViolation();
                return false;
            }
        }
    }
}
