package io.pgcaretaker.startup;

import org.eclipse.microprofile.config.spi.Converter;

/** Only true and false: the usual converter takes every word it does not know for false, and a typing error for a wish. */
public final class StrictBoolean implements Converter<Boolean> {

    private static final long serialVersionUID = 1;

    @Override
    public Boolean convert(String value) {
        return switch (value.strip()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("must be true or false");
        };
    }
}
