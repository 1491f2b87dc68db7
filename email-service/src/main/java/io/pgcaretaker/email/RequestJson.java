package io.pgcaretaker.email;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.jackson.ObjectMapperCustomizer;
import jakarta.inject.Singleton;

/** What JSON may be: one value, with nothing behind it that would be passed over, and no more of it than fits into a small heap. */
@Singleton
public class RequestJson implements ObjectMapperCustomizer {

    /**
     * Each is an object of 50 bytes or more, in a body of 18 MB there is room for nine millions. The largest batch has 50,000;
     * an Alertmanager post of 10,000 alerts with ten labels has 400,000.
     */
    static final long MOST_TOKENS = 500_000;

    @Override
    public void customize(ObjectMapper mapper) {
        mapper.enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
        // Of two recipients or contents, one would be passed over. No SDK says a name twice.
        mapper.getFactory().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
        mapper.getFactory()
                .setStreamReadConstraints(mapper.getFactory()
                        .streamReadConstraints()
                        .rebuild()
                        .maxTokenCount(MOST_TOKENS)
                        .build());
    }
}
