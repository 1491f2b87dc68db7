package io.pgcaretaker.cleanup.archive;

import io.pgcaretaker.cleanup.CleanupConfig.S3Settings;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/** A bucket of any S3-compatible store. */
final class S3Store implements ArchiveStore {

    private static final Duration CONNECT = Duration.ofSeconds(2);

    private final String bucket;
    private final String prefix;
    private final S3Settings settings;
    private @Nullable S3Client client;

    /** Nothing is loaded or connected before the first use. */
    S3Store(String bucket, S3Settings settings) {
        this.bucket = bucket;
        this.settings = settings;
        String folder = settings.prefix().orElse("");
        this.prefix = folder.isEmpty() || folder.endsWith("/") ? folder : folder + "/";
    }

    private synchronized S3Client client() {
        S3Client made = client;
        if (made == null) {
            made = make(settings);
            client = made;
        }
        return made;
    }

    /**
     * With MD5 as the only checksum that is asked for: every store has it and refuses what does not arrive as it was sent;
     * newer ones are AWS's own.
     */
    private static S3Client make(S3Settings settings) {
        Duration attempt = settings.timeout().dividedBy(2);
        var builder = S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECT)
                        .socketTimeout(attempt))
                .overrideConfiguration(override -> override.apiCallAttemptTimeout(attempt)
                        .apiCallTimeout(settings.timeout())
                        .addExecutionInterceptor(new WithoutExpect()))
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .forcePathStyle(settings.pathStyle())
                // One body under one signature: not every store takes the SDK's chunks apart again.
                .serviceConfiguration(
                        S3Configuration.builder().chunkedEncodingEnabled(false).build())
                .region(Region.of(settings.region()))
                .credentialsProvider(credentials(settings));
        settings.endpoint().ifPresent(builder::endpointOverride);
        return builder.build();
    }

    /**
     * The SDK asks a store whether it may send a body. One that does not know the question is waited for, for seconds; of one
     * that refuses at once, the JDK's client throws away what it said. No body here is too large to be sent in vain.
     */
    private static final class WithoutExpect implements ExecutionInterceptor {
        @Override
        public SdkHttpRequest modifyHttpRequest(
                Context.ModifyHttpRequest context, ExecutionAttributes executionAttributes) {
            return context.httpRequest().toBuilder().removeHeader("Expect").build();
        }
    }

    private static AwsCredentialsProvider credentials(S3Settings settings) {
        return settings.accessKeyId().isPresent() && settings.secretAccessKey().isPresent()
                ? StaticCredentialsProvider.create(AwsBasicCredentials.create(
                        settings.accessKeyId().get(), settings.secretAccessKey().get()))
                : DefaultCredentialsProvider.builder().build();
    }

    @Override
    public String place() {
        return "the bucket " + bucket;
    }

    @Override
    public Upload begin(String name) throws IOException {
        return new S3Upload(client(), bucket, prefix + name);
    }

    /** The store has answered for each object already. */
    @Override
    public void keep() {}

    @Override
    public void each(Predicate<String> wanted, Visitor visitor) throws IOException {
        List<Entry> entries = guarded(
                "list",
                () -> client()
                        .listObjectsV2Paginator(list -> list.bucket(bucket).prefix(prefix))
                        .contents()
                        .stream()
                        .map(object -> new Entry(object.key().substring(prefix.length()), object.lastModified()))
                        .filter(entry -> entry.name().indexOf('/') < 0 && wanted.test(entry.name()))
                        .toList());
        for (Entry entry : entries) {
            visitor.see(entry);
        }
    }

    @Override
    public Optional<InputStream> open(String name) throws IOException {
        return guarded("read", () -> {
            try {
                return Optional.<InputStream>of(
                        client().getObject(get -> get.bucket(bucket).key(prefix + name)));
            } catch (NoSuchKeyException e) {
                return Optional.<InputStream>empty();
            }
        });
    }

    @Override
    public void delete(String name) throws IOException {
        guarded(
                "delete",
                () -> client().deleteObject(delete -> delete.bucket(bucket).key(prefix + name)));
    }

    @Override
    public void tidy(Instant before, Predicate<String> ours) throws IOException {
        guarded("tidy", () -> {
            for (MultipartUpload upload : client().listMultipartUploadsPaginator(
                            list -> list.bucket(bucket).prefix(prefix))
                    .uploads()) {
                if (upload.initiated().isBefore(before)
                        && ours.test(upload.key().substring(prefix.length()))) {
                    client().abortMultipartUpload(abort ->
                            abort.bucket(bucket).key(upload.key()).uploadId(upload.uploadId()));
                }
            }
            return true;
        });
    }

    /** What the store or the way there says; never who asked. */
    static <T> T guarded(String what, Supplier<T> call) throws IOException {
        try {
            return call.get();
        } catch (AwsServiceException e) {
            AwsErrorDetails details = e.awsErrorDetails();
            String code = details == null ? null : details.errorCode();
            throw new IOException("S3 " + what + ": status " + e.statusCode() + (code == null ? "" : " " + code));
        } catch (SdkException e) {
            throw new IOException("S3 " + what + ": " + names(e));
        }
    }

    /** Of what it was, and of what lies at its bottom: connection refused, unknown host. */
    private static String names(SdkException failure) {
        Throwable bottom = failure;
        while (bottom.getCause() != null) {
            bottom = bottom.getCause();
        }
        String name = failure.getClass().getSimpleName();
        return bottom == failure ? name : name + ", " + bottom.getClass().getSimpleName();
    }
}
