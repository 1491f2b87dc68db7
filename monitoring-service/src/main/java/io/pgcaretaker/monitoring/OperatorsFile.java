package io.pgcaretaker.monitoring;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A YAML file that an operator names in a setting: one document, each field once, none that nobody reads. */
public final class OperatorsFile {

    public static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** Hundreds of entries; the parser takes minutes for some larger ones. */
    private static final long LARGEST = 1 << 20;

    private OperatorsFile() {}

    /**
     * Its text.
     *
     * @throws IllegalArgumentException naming the setting, the file and what is wrong with it
     */
    public static String read(String setting, String file) {
        try {
            long size = Files.size(Path.of(file));
            if (size > LARGEST) {
                throw new IllegalArgumentException(
                        setting + " " + file + ": must have at most " + LARGEST + " bytes, but has " + size);
            }
            return Files.readString(Path.of(file));
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(setting + " " + file + ": must be UTF-8", e);
        } catch (IOException e) {
            throw new IllegalArgumentException(setting + " cannot be read: " + file, e);
        }
    }
}
