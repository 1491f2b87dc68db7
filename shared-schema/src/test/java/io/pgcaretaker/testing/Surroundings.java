package io.pgcaretaker.testing;

import java.util.List;
import java.util.Map;

/** What a service under test is set to, and what stands around it; made once for all test classes that name it. */
public interface Surroundings extends AutoCloseable {

    /** Beside the database and the keys, as {@link PackagedService#process} takes them. */
    Map<String, String> settings();

    /** A field of the type of one of them gets it. */
    default List<Object> parts() {
        return List.of();
    }

    @Override
    default void close() {}

    /** Nothing: the defaults, and neighbours that do not answer. */
    final class None implements Surroundings {
        @Override
        public Map<String, String> settings() {
            return Map.of();
        }
    }
}
