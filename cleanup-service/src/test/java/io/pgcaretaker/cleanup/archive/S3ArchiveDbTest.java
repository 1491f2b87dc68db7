package io.pgcaretaker.cleanup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgcaretaker.cleanup.run.TestWorker;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Archived to a bucket. */
class S3ArchiveDbTest extends ArchiveContract {

    private static TestS3 s3;

    @BeforeAll
    static void start() throws Exception {
        s3 = new TestS3();
    }

    @AfterAll
    static void stop() throws Exception {
        s3.stop();
    }

    @Override
    Map<String, String> place() {
        s3.clear();
        return s3.settings();
    }

    @Override
    void spoil(String name) {
        s3.put(name, "x");
    }

    @Test
    void withoutItsStoreABatchDeletesNothing() throws Exception {
        database.execute("insert into letters (id, at) values (9, now() - interval '9 days')");
        Map<String, String> settings = new HashMap<>(s3.settings());
        settings.put("archive-s3.secret-access-key", "wrong");

        UUID run = new TestWorker(database, POLICY.settings(settings)).runNow("old-letters");

        assertThat(run(run, "state || ' ' || rows_deleted || ' ' || stop_detail"))
                .isEqualTo("failed 0 the archive cannot be written, nothing was deleted");
        assertThat(database.queryLong("select count(*) from letters")).isEqualTo(1);
    }

    @Test
    void anUploadThatNobodyFinishedIsTakenAway() throws Exception {
        S3Store store = new S3Store(TestS3.BUCKET, worker.settings().archiveS3());
        ArchiveStore.Upload upload = store.begin("unfinished");
        upload.out().write(new byte[6 << 20]);
        assertThat(s3.unfinished()).isEqualTo(1);

        store.tidy(Instant.now().plus(Duration.ofHours(1)));

        assertThat(s3.unfinished()).isZero();
        assertThat(store.open("unfinished")).isEmpty();
        try (ArchiveStore.Upload closed = store.begin("closed")) {
            closed.out().write(new byte[6 << 20]);
        }
        assertThat(s3.unfinished()).isZero();
    }

    @Test
    void anErrorSaysWhatTheStoreSaidAndNoSecret() {
        S3Store store = new S3Store("no-such-bucket", worker.settings().archiveS3());

        assertThatThrownBy(() -> store.begin("x").finish())
                .isInstanceOf(IOException.class)
                .hasMessage("S3 write: status 404 NoSuchBucket")
                .hasStackTraceContaining("S3 write")
                .satisfies(failure -> assertThat(failure.toString()).doesNotContain(TestS3.SECRET));
    }
}
