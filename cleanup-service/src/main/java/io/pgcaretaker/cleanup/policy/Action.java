package io.pgcaretaker.cleanup.policy;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * What becomes of an expired row.
 *
 * @param masks what each column becomes when the row is anonymised; empty otherwise
 */
public record Action(Kind kind, List<Mask> masks) {

    public static final Action DELETE = new Action(Kind.DELETE, List.of());

    /** The kinds. */
    public enum Kind {
        DELETE,
        /** The row stays, what it says of somebody goes. */
        ANONYMISE,
        /** Written to a file, then deleted. */
        ARCHIVE,
        /** Whole partitions are detached and dropped. */
        DROP_PARTITIONS;

        public String wireName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        static Kind parse(String wireName) {
            return Arrays.stream(values())
                    .filter(kind -> kind.wireName().equals(wireName))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("action must be one of "
                            + Arrays.stream(values()).map(Kind::wireName).collect(Collectors.joining(", "))
                            + ", but is '" + wireName + "'"));
        }
    }

    public Action {
        masks = List.copyOf(masks);
        if ((kind == Kind.ANONYMISE) == masks.isEmpty()) {
            throw new IllegalArgumentException(
                    "mask must say what becomes of each column when the action is anonymise, and only then");
        }
        if (masks.stream().map(Mask::column).distinct().count() < masks.size()) {
            throw new IllegalArgumentException("mask names a column twice");
        }
    }

    public boolean is(Kind other) {
        return kind == other;
    }

    Action renamed(UnaryOperator<String> names) {
        return new Action(
                kind,
                masks.stream()
                        .map(mask -> new Mask(names.apply(mask.column()), mask.with(), mask.value()))
                        .toList());
    }
}
