package io.pgcaretaker.monitoring.security;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The names of events: OWASP's vocabulary and the names that applications use for the same things. Data:
 * {@code security/vocabulary.txt}.
 */
public final class Vocabulary {

    /**
     * A name as it was reported, understood.
     *
     * @param arguments what followed it, as OWASP writes them: {@code authn_login_fail:joebob}
     */
    record Match(Kind kind, List<String> arguments) {
        Match {
            arguments = List.copyOf(arguments);
        }

        /** OWASP's first argument of these events is who it is about. */
        @Nullable
        String account() {
            boolean about = kind.term().startsWith("authn_") || kind.term().startsWith("authz_");
            return about && !arguments.isEmpty() && !arguments.get(0).isBlank()
                    ? arguments.get(0).strip()
                    : null;
        }
    }

    private final Map<String, Kind> byName = new LinkedHashMap<>();
    private final Map<String, Kind> byTerm = new LinkedHashMap<>();

    private Vocabulary() {}

    public static Vocabulary load() {
        Vocabulary vocabulary = new Vocabulary();
        try (InputStream in = Objects.requireNonNull(
                        Vocabulary.class.getResourceAsStream("/security/vocabulary.txt"), "security/vocabulary.txt");
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            lines.lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .forEach(vocabulary::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return vocabulary;
    }

    /** {@code term level group alias alias …} */
    private void add(String line) {
        List<String> words = new ArrayList<>(List.of(line.strip().split("\\s+", -1)));
        Kind kind = new Kind(
                words.get(0),
                Level.valueOf(words.get(1).toUpperCase(Locale.ROOT)),
                Kind.Group.valueOf(words.get(2).toUpperCase(Locale.ROOT)));
        byTerm.put(kind.term(), kind);
        words.subList(1, 3).clear();
        for (String name : words) {
            if (byName.put(name, kind) != null) {
                throw new IllegalStateException("security/vocabulary.txt has " + name + " twice");
            }
        }
    }

    /** Whatever the case, with {@code -}, {@code .} or blanks for {@code _}; empty when the name means nothing here. */
    Optional<Match> match(String reported) {
        List<String> parts = new ArrayList<>(List.of(reported.split(":", -1)));
        String name = parts.remove(0).strip().toLowerCase(Locale.ROOT).replaceAll("[-.\\s]", "_");
        List<String> arguments = parts.stream()
                .flatMap(part -> List.of(part.split(",", -1)).stream())
                .toList();
        return Optional.ofNullable(byName.get(name)).map(kind -> new Match(kind, arguments));
    }

    /** By OWASP's own name. */
    Optional<Kind> term(String term) {
        return Optional.ofNullable(byTerm.get(term));
    }

    Collection<Kind> all() {
        return byTerm.values();
    }
}
