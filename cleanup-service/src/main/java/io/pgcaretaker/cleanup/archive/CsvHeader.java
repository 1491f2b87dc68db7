package io.pgcaretaker.cleanup.archive;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The first line of a file: the names of its columns. */
final class CsvHeader {

    private CsvHeader() {}

    /** Takes the line from the stream; what follows are rows. */
    static List<String> read(InputStream csv) throws IOException {
        List<String> names = new ArrayList<>();
        ByteArrayOutputStream name = new ByteArrayOutputStream();
        boolean quoted = false;
        boolean closed = false;
        for (int b = csv.read(); b >= 0 && (quoted || b != '\n'); b = csv.read()) {
            if (b == '"') {
                // Two in a row are one that is meant.
                if (closed && !quoted) {
                    name.write(b);
                }
                quoted = !quoted;
                closed = !quoted;
                continue;
            }
            closed = false;
            if (b == ',' && !quoted) {
                names.add(name.toString(StandardCharsets.UTF_8));
                name.reset();
            } else {
                name.write(b);
            }
        }
        names.add(name.toString(StandardCharsets.UTF_8));
        return names;
    }
}
