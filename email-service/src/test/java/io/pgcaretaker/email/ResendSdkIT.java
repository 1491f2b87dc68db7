package io.pgcaretaker.email;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.email.smtp.MailServer;
import io.pgcaretaker.testing.PackagedService;
import io.pgcaretaker.testing.ServiceTest;
import io.pgcaretaker.testing.TestKeys;
import org.junit.jupiter.api.Test;

/** The real npm SDK against this service; skipped where Node.js, npm or its registry is not there. */
@ServiceTest(MailServer.class)
class ResendSdkIT {

    PackagedService service;

    @Test
    void unmodifiedSdkFindsWhatItExpects() throws Exception {
        ResendSdk.Run conformance = ResendSdk.run(
                "conformance.mjs", service.base().toString().replaceAll("/$", ""), TestKeys.SENDER, TestKeys.UNKNOWN);

        assertThat(conformance.output()).doesNotContain("FAILED").contains("ok errors");
        assertThat(conformance.exitCode()).isZero();
    }
}
