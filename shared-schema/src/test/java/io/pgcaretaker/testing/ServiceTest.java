package io.pgcaretaker.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Calls the packaged service over REST. All classes that name the same surroundings share one process and one database,
 * which live until the last test of the JVM. REST-assured calls the service; fields of type {@link TestDatabase},
 * {@link PackagedService}, and of the surroundings' parts, get theirs.
 *
 * <p>Timers run as in production. Classes run one after the other, since where REST-assured calls is static; others may
 * run beside them.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(ServiceExtension.class)
@ResourceLock("io.restassured.RestAssured")
public @interface ServiceTest {

    Class<? extends Surroundings> value() default Surroundings.None.class;
}
