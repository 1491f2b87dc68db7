package io.pgcaretaker.cleanup.archive;

import java.io.File;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringTokenizer;
import java.util.concurrent.Callable;
import java.util.function.IntSupplier;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * An S3 server over HTTP that lets in who signs with the right secret. It has a class loader of its own: it needs another
 * Guice than the one that Quarkus brings along.
 */
final class TestS3 {

    static final String BUCKET = "archive";
    static final String KEY_ID = "caretaker";
    static final String SECRET = "not-to-be-told";
    private static final String PREFIX = "caretaker/";

    private final Callable<?> server;
    private final int port;
    private final S3Client client;

    TestS3() throws Exception {
        URLClassLoader loader = new URLClassLoader(classpath(), ClassLoader.getPlatformClassLoader());
        Object started = loader.loadClass(S3ServerInMemory.class.getName())
                .getConstructor()
                .newInstance();
        server = (Callable<?>) started;
        port = ((IntSupplier) started).getAsInt();
        client = S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .region(Region.US_EAST_1)
                .endpointOverride(URI.create("http://127.0.0.1:" + port))
                .forcePathStyle(true)
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(KEY_ID, SECRET)))
                .build();
        client.createBucket(create -> create.bucket(BUCKET));
    }

    /** This process's, without what Quarkus brings along. */
    private static URL[] classpath() throws Exception {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<URL> urls = new ArrayList<>();
        StringTokenizer entries = new StringTokenizer(path, File.pathSeparator);
        while (entries.hasMoreTokens()) {
            File entry = new File(entries.nextToken());
            if (!entry.getName().startsWith("guice-5") && !entry.getName().startsWith("javax.inject")) {
                urls.add(entry.toURI().toURL());
            }
        }
        return urls.toArray(URL[]::new);
    }

    Map<String, String> settings() {
        return Map.of(
                "archive-s3.bucket",
                BUCKET,
                "archive-s3.prefix",
                "caretaker",
                "archive-s3.endpoint",
                "http://127.0.0.1:" + port,
                "archive-s3.path-style",
                "true",
                "archive-s3.timeout",
                "5m",
                "archive-s3.access-key-id",
                KEY_ID,
                "archive-s3.secret-access-key",
                SECRET);
    }

    void clear() {
        client.listObjectsV2Paginator(list -> list.bucket(BUCKET))
                .contents()
                .forEach(object ->
                        client.deleteObject(delete -> delete.bucket(BUCKET).key(object.key())));
    }

    void put(String name, String content) {
        client.putObject(put -> put.bucket(BUCKET).key(PREFIX + name), RequestBody.fromString(content));
    }

    void remove(String name) {
        client.deleteObject(delete -> delete.bucket(BUCKET).key(PREFIX + name));
    }

    int unfinished() {
        return client.listMultipartUploads(list -> list.bucket(BUCKET))
                .uploads()
                .size();
    }

    void stop() throws Exception {
        client.close();
        server.call();
    }
}
