package io.pgcaretaker.email.intake;

import io.pgcaretaker.email.Kind;
import java.util.Map;

/** A template and what it shows; the variables may be secret. */
public record TemplateCall(Kind kind, Map<String, Object> variables) {

    @Override
    public String toString() {
        return "TemplateCall[" + kind.wireName() + "]";
    }
}
