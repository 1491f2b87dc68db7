package io.pgcaretaker.database;

import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Optional;

/** The value is a database URL as {@link DatabaseUrl} reads it; the message never repeats the value. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Constraint(validatedBy = ValidDatabaseUrl.Validator.class)
@interface ValidDatabaseUrl {

    String message() default DatabaseUrl.RULE;

    Class<?>[] groups() default {};

    Class<? extends Payload>[] payload() default {};

    /** Present and parseable. */
    class Validator implements ConstraintValidator<ValidDatabaseUrl, Optional<String>> {
        @Override
        public boolean isValid(Optional<String> url, ConstraintValidatorContext context) {
            String fault = fault(url);
            if (fault.isEmpty()) {
                return true;
            }
            context.disableDefaultConstraintViolation();
            context.buildConstraintViolationWithTemplate(fault).addConstraintViolation();
            return false;
        }

        private static String fault(Optional<String> url) {
            if (url.isEmpty()) {
                return "is not set; it " + DatabaseUrl.RULE;
            }
            try {
                DatabaseUrl.parse(url.get());
                return "";
            } catch (IllegalArgumentException e) {
                return String.valueOf(e.getMessage());
            }
        }
    }
}
