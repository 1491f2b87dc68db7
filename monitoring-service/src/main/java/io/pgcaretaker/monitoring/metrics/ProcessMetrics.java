package io.pgcaretaker.monitoring.metrics;

import com.sun.management.UnixOperatingSystemMXBean;
import io.pgcaretaker.monitoring.collect.Family;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Our own process, under the names of Prometheus' client libraries, which the well-known dashboards show. */
final class ProcessMetrics {

    /** Linux on all platforms we ship for; elsewhere the file is not there and the metrics are left out. */
    private static final Path STATM = Path.of("/proc/self/statm");

    private static final int PAGE = 4096;

    private ProcessMetrics() {}

    static void write(TextFormat out) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            out.sample(
                    "process_cpu_seconds_total",
                    Family.Type.COUNTER,
                    "Total user and system CPU time spent in seconds.",
                    Map.of(),
                    system.getProcessCpuTime() / 1e9);
            out.gauge("process_open_fds", "Number of open file descriptors.", (double)
                    system.getOpenFileDescriptorCount());
            out.gauge("process_max_fds", "Maximum number of open file descriptors.", (double)
                    system.getMaxFileDescriptorCount());
        }
        out.gauge(
                "process_start_time_seconds",
                "Start time of the process since unix epoch in seconds.",
                ManagementFactory.getRuntimeMXBean().getStartTime() / 1000.0);
        try {
            String[] pages = Files.readString(STATM).strip().split(" ", -1);
            out.gauge(
                    "process_virtual_memory_bytes",
                    "Virtual memory size in bytes.",
                    Double.parseDouble(pages[0]) * PAGE);
            out.gauge(
                    "process_resident_memory_bytes",
                    "Resident memory size in bytes.",
                    Double.parseDouble(pages[1]) * PAGE);
        } catch (IOException e) {
            // No such file on this platform: nothing to say.
            return;
        }
    }
}
