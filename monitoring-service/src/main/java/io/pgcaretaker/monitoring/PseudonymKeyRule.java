package io.pgcaretaker.monitoring;

import jakarta.validation.Constraint;
import jakarta.validation.Payload;
import jakarta.validation.ReportAsSingleViolation;
import jakarta.validation.constraints.Size;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Long enough not to be guessed; the message never shows the value. */
@Target(ElementType.TYPE_USE)
@Retention(RetentionPolicy.RUNTIME)
@Constraint(validatedBy = {})
@Size(min = 32)
@ReportAsSingleViolation
@interface PseudonymKeyRule {

    String message() default "must have at least 32 characters";

    Class<?>[] groups() default {};

    Class<? extends Payload>[] payload() default {};
}
