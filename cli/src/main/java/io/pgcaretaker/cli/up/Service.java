package io.pgcaretaker.cli.up;

import java.util.List;
import java.util.Locale;

/** The three services, and where each listens. */
public enum Service {
    MONITORING(Port.MONITORING, Port.MONITORING_MANAGEMENT),
    CLEANUP(Port.CLEANUP, Port.CLEANUP_MANAGEMENT),
    EMAIL(Port.EMAIL, Port.EMAIL_MANAGEMENT);

    /** A small JVM that starts quickly; `bench/run start` measures it. */
    public static final List<String> JVM_FLAGS = List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx96m",
            // Not a full collection at 21, 35 and 58 MB of classes on the way to the 80 that a service has.
            "-XX:MetaspaceSize=96m",
            "-XX:+ExitOnOutOfMemoryError",
            // The archive's compressor is a native library: without this, JDK 24 and later warn of it.
            "--enable-native-access=ALL-UNNAMED");

    private final Port http;
    private final Port management;

    Service(Port http, Port management) {
        this.http = http;
        this.management = management;
    }

    Port http() {
        return http;
    }

    Port management() {
        return management;
    }

    /** Such as {@code email}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Such as {@code email-service}. */
    public String artifact() {
        return wireName() + "-service";
    }
}
