package io.pgcaretaker.cleanup.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.catalogue.TableName;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes of a row's key what says nothing without this one; never in the database, a log or an answer. */
public final class ErasureKey {

    private static final int BYTES = 32;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SecretKeySpec key;
    private final String id;

    private ErasureKey(byte[] bytes) {
        this.key = new SecretKeySpec(bytes, "HmacSHA256");
        this.id = mac("caretaker ledger key").substring(0, 16);
    }

    /**
     * From 32 bytes in base64.
     *
     * @throws IllegalArgumentException with the rule, and not the value
     */
    public static Optional<ErasureKey> of(Optional<String> base64) {
        return base64.map(text -> {
            byte[] bytes;
            try {
                bytes = Base64.getDecoder().decode(text.strip());
            } catch (IllegalArgumentException e) {
                bytes = new byte[0];
            }
            if (bytes.length != BYTES) {
                throw new IllegalArgumentException(
                        "caretaker.cleanup.ledger-key must be 32 bytes in base64 (openssl rand -base64 32)");
            }
            return new ErasureKey(bytes);
        });
    }

    /** Tells this key from others. */
    public String id() {
        return id;
    }

    /** Of a row's key, as hexadecimal digits; the same value in another table gives another one. */
    public String digest(TableName table, List<String> row) {
        List<String> parts = new ArrayList<>(List.of(table.schema(), table.table()));
        parts.addAll(row);
        try {
            return mac(JSON.writeValueAsString(parts));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts can be written as JSON", e);
        }
    }

    /**
     * Which columns a key is of, as {@code id integer, name text}. Another column's value, or one that is written otherwise, has another
     * digest; types whose values are written the same count as one.
     */
    public static String columns(Table table, List<String> key) {
        return key.stream().map(name -> name + " " + written(table.type(name))).collect(Collectors.joining(", "));
    }

    private static String written(String type) {
        if (List.of("smallint", "integer", "bigint").contains(type)) {
            return "integer";
        }
        return type.equals("uuid") || type.startsWith("character varying") ? "text" : type;
    }

    private String mac(String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    /** What a ledger line says of its digests: which key made them, and SHA-256 over them in their order. */
    static String sum(Erased erased) {
        return erased.keyId() + ":" + sum(erased.digests());
    }

    private static String sum(List<String> digests) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            digests.stream()
                    .sorted()
                    .forEach(digest -> sha256.update(HexFormat.of().parseHex(digest)));
            return HexFormat.of().formatHex(sha256.digest());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "ErasureKey[" + id + "]";
    }
}
