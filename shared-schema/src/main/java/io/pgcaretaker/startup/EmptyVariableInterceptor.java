package io.pgcaretaker.startup;

import io.smallrye.config.ConfigSourceInterceptor;
import io.smallrye.config.ConfigSourceInterceptorContext;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.Priorities;
import jakarta.annotation.Priority;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An environment variable that is empty counts as not set, so that {@code ${CLEANUP_MODE:shadow}} is shadow. Compose
 * files and charts pass on what nobody has set as an empty string.
 */
@Priority(Priorities.LIBRARY - 100)
public final class EmptyVariableInterceptor implements ConfigSourceInterceptor {

    private static final Pattern VARIABLE = Pattern.compile("[A-Z][A-Z0-9_]*");

    @Override
    public @Nullable ConfigValue getValue(ConfigSourceInterceptorContext context, String name) {
        ConfigValue value = context.proceed(name);
        boolean empty =
                value != null && value.getValue() != null && value.getValue().isEmpty();
        return empty && VARIABLE.matcher(name).matches() ? null : value;
    }
}
