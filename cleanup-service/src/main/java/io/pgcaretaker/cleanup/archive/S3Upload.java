package io.pgcaretaker.cleanup.archive;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/** One object: in one request when it is small, else part by part; each is refused unless it arrives as it was sent. */
final class S3Upload implements ArchiveStore.Upload {

    private static final Logger LOG = Logger.getLogger(S3Upload.class);

    /** The least that S3 takes: it is held in memory, and its upload has to end soon. */
    private static final int PART = 5 * 1024 * 1024;

    private final S3Client client;
    private final String bucket;
    private final String key;
    private final ByteArrayOutputStream buffer = new ByteArrayOutputStream();
    private final List<CompletedPart> parts = new ArrayList<>();

    private @Nullable String uploadId;
    private long bytes;
    private boolean finished;

    S3Upload(S3Client client, String bucket, String key) {
        this.client = client;
        this.bucket = bucket;
        this.key = key;
    }

    @Override
    public OutputStream out() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] b, int off, int len) throws IOException {
                buffer.write(b, off, len);
                bytes += len;
                if (buffer.size() >= PART) {
                    part();
                }
            }
        };
    }

    private void part() throws IOException {
        byte[] content = buffer.toByteArray();
        buffer.reset();
        S3Store.guarded("upload", () -> {
            String id = uploadId;
            if (id == null) {
                id = client.createMultipartUpload(
                                create -> create.bucket(bucket).key(key))
                        .uploadId();
                uploadId = id;
            }
            String upload = id;
            int number = parts.size() + 1;
            String tag = client.uploadPart(
                            part -> part.bucket(bucket)
                                    .key(key)
                                    .uploadId(upload)
                                    .partNumber(number)
                                    .contentMD5(md5(content)),
                            RequestBody.fromBytes(content))
                    .eTag();
            return parts.add(
                    CompletedPart.builder().partNumber(number).eTag(tag).build());
        });
    }

    @Override
    public void secure() {
        // An object has its name from the first moment on.
    }

    @Override
    public void finish() throws IOException {
        if (uploadId == null) {
            byte[] content = buffer.toByteArray();
            S3Store.guarded(
                    "write",
                    () -> client.putObject(
                            put -> put.bucket(bucket).key(key).contentMD5(md5(content)),
                            RequestBody.fromBytes(content)));
        } else {
            if (buffer.size() > 0) {
                part();
            }
            S3Store.guarded(
                    "complete",
                    () -> client.completeMultipartUpload(complete -> complete.bucket(bucket)
                            .key(key)
                            .uploadId(uploadId)
                            .multipartUpload(upload -> upload.parts(parts))));
        }
        finished = true;
        Long there = S3Store.guarded(
                "look",
                () -> client.headObject(head -> head.bucket(bucket).key(key)).contentLength());
        if (there == null) {
            throw new IOException(
                    "S3 look: no Content-Length in the answer to HEAD, as behind a proxy that compresses");
        }
        if (there != bytes) {
            throw new IOException("S3 look: " + there + " bytes where " + bytes + " were written");
        }
    }

    @Override
    public void close() {
        if (finished || uploadId == null) {
            return;
        }
        try {
            S3Store.guarded(
                    "abort",
                    () -> client.abortMultipartUpload(
                            abort -> abort.bucket(bucket).key(key).uploadId(uploadId)));
        } catch (IOException e) {
            // Never visible under its name; the daily tidying takes it away.
            LOG.warnf("an unfinished upload is left cause=%s", e.getMessage());
        }
    }

    private static String md5(byte[] content) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("MD5").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has MD5", e);
        }
    }
}
