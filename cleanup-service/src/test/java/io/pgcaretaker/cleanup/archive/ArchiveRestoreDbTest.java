package io.pgcaretaker.cleanup.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archived to a directory. */
class ArchiveRestoreDbTest extends ArchiveContract {

    @TempDir
    Path folder;

    private Path directory() {
        return folder.resolve("archive");
    }

    @Override
    Map<String, String> place() {
        return Map.of("archive-directory", directory().toString());
    }

    @Override
    void spoil(String name) throws Exception {
        byte[] bytes = Files.readAllBytes(directory().resolve(name));
        bytes[bytes.length / 2] ^= 1;
        Files.write(directory().resolve(name), bytes);
    }

    @Test
    void whatOthersLeftBesideIsNoManifest() throws Exception {
        Files.writeString(directory().resolve("lifecycle.json"), "{\"rules\":[]}");

        assertThat(archive.list(0, 10)).hasSize(1);
    }
}
