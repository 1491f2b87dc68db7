package io.pgcaretaker.monitoring;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.lang.reflect.Type;
import java.util.function.BiFunction;

/**
 * How a request's body is read: one document, each field once, none that nobody reads. A silence with its labels misspelt would
 * hold back every mail, and of two events one after the other the second would be lost.
 */
public final class StrictJson implements BiFunction<ObjectMapper, Type, ObjectReader> {

    /** For a free text: PostgreSQL keeps no NUL. */
    public static final String NO_NUL = "[^\\x00]*";

    public static final String NO_NUL_RULE = "must hold no NUL";

    @Override
    public ObjectReader apply(ObjectMapper mapper, Type type) {
        return mapper.readerFor(mapper.constructType(type))
                .with(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .with(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
    }
}
