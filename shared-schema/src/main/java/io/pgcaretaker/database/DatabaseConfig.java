package io.pgcaretaker.database;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;
import org.hibernate.validator.constraints.time.DurationMin;

/** Where the database is, and how its reachability is watched. */
@ConfigMapping(prefix = "caretaker.database")
public interface DatabaseConfig {

    /** {@code DATABASE_URL}: the database Caretaker looks after, which also holds its own schema {@code caretaker}. */
    @ValidDatabaseUrl
    Optional<String> url();

    /** How often reachability is looked up for readiness; answers in between come from memory. */
    @WithDefault("5s")
    @DurationMin(millis = 1, message = "must be more than nothing, but is ${validatedValue}")
    Duration probeInterval();
}
