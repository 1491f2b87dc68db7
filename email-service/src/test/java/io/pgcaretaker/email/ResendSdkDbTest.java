package io.pgcaretaker.email;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.testing.DatabaseResource;
import io.pgcaretaker.testing.MailServerResource;
import io.pgcaretaker.testing.TestKeys;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import org.junit.jupiter.api.Test;

/** The real npm SDK against this service; skipped where Node.js, npm or its registry is not there. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
@QuarkusTestResource(MailServerResource.class)
class ResendSdkDbTest {

    @TestHTTPResource("/")
    URI base;

    @Test
    void unmodifiedSdkFindsWhatItExpects() throws Exception {
        ResendSdk.Run conformance = ResendSdk.run(
                "conformance.mjs", base.toString().replaceAll("/$", ""), TestKeys.SENDER, TestKeys.UNKNOWN);

        assertThat(conformance.output()).doesNotContain("FAILED").contains("ok errors");
        assertThat(conformance.exitCode()).isZero();
    }
}
