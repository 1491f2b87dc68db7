package io.pgcaretaker.startup;

import io.smallrye.config.ConfigValidationException;

/** What a setting leads to that is only found when it is used, such as a file that it names; said as any other fault. */
public final class WrongSetting {

    private WrongSetting() {}

    /** To be thrown at the start: it ends the service with the sentence and without a stack trace. */
    public static ConfigValidationException because(IllegalArgumentException fault) {
        ConfigValidationException wrong = new ConfigValidationException(new ConfigValidationException.Problem[] {
            new ConfigValidationException.Problem(String.valueOf(fault.getMessage()))
        });
        wrong.initCause(fault);
        return wrong;
    }
}
