package io.pgcaretaker.cleanup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryStoreTest {

    @TempDir
    Path folder;

    /** As where rights were lost, or a file system gives errors: it was told that there is no such file, as if its rows had gone. */
    @Test
    void whatCannotBeLookedAtIsNotTakenForMissing() throws Exception {
        Path loop = folder.resolve("loop");
        Files.createSymbolicLink(loop, loop);
        DirectoryStore store = new DirectoryStore(folder);

        assertThat(store.open("nothing")).isEmpty();
        assertThatThrownBy(() -> store.open("loop")).isInstanceOf(FileSystemException.class);
    }
}
