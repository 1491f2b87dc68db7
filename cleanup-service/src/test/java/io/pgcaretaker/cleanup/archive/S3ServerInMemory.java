package io.pgcaretaker.cleanup.archive;

import java.net.URI;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.function.IntSupplier;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStoreContext;
import org.jclouds.blobstore.TransientApiMetadata;

/** S3Proxy over memory; says its port, and stops when called. Loaded by {@link TestS3} only, and known there by what the JDK knows. */
public final class S3ServerInMemory implements IntSupplier, Callable<Boolean> {

    private final S3Proxy server;

    public S3ServerInMemory() throws Exception {
        server = S3Proxy.builder()
                .blobStore(ContextBuilder.newBuilder(new TransientApiMetadata())
                        .credentials("memory", "memory")
                        .overrides(new Properties())
                        .build(BlobStoreContext.class)
                        .getBlobStore())
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V4, TestS3.KEY_ID, TestS3.SECRET)
                .build();
        server.start();
    }

    @Override
    public int getAsInt() {
        return server.getPort();
    }

    @Override
    public Boolean call() throws Exception {
        server.stop();
        return true;
    }
}
