package io.pgcaretaker.cleanup.ledger;

import java.util.List;

/**
 * Digests of the keys of rows that a batch deleted.
 *
 * @param keyId which {@link ErasureKey} made them
 * @param columns that the keys are of, by {@link ErasureKey#columns}
 * @param digests as hexadecimal digits
 */
public record Erased(String keyId, String columns, List<String> digests) {
    public Erased {
        digests = List.copyOf(digests);
    }
}
