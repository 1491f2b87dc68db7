package support;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/** Ports, processes and what they take. */
public final class Machine {

    private Machine() {}

    /** Below those that outgoing connections take theirs from: there, one can take it before who is to listen does. */
    public static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 31_000);
            try (ServerSocket socket = new ServerSocket(port)) {
                return socket.getLocalPort();
            } catch (IOException e) {
                // Taken: another one.
            }
        }
    }

    public static boolean isOpen(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    public static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    public static double secondsSince(long nanoTime) {
        return (System.nanoTime() - nanoTime) / 1e9;
    }

    /** Something that becomes true. */
    public interface Condition {
        boolean holds() throws Exception;
    }

    /** Fails with the log when the process ends before, or when it takes too long. */
    public static void await(Process process, Path log, Duration deadline, Duration pause, Condition condition)
            throws Exception {
        long begin = System.nanoTime();
        while (!condition.holds()) {
            if (!process.isAlive() || System.nanoTime() - begin > deadline.toNanos()) {
                throw new IllegalStateException("does not come up:\n" + Files.readString(log));
            }
            Thread.sleep(pause.toMillis());
        }
    }

    public static double residentMegabytes(long pid) throws IOException {
        Process ps = new ProcessBuilder("ps", "-o", "rss=", "-p", String.valueOf(pid)).start();
        return Double.parseDouble(new String(ps.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip()) / 1024;
    }

    /** Resident memory, shared pages counted in parts; unknown (NaN) but on Linux. */
    public static double proportionalMegabytes(long pid) throws IOException {
        Path file = Path.of("/proc/" + pid + "/smaps_rollup");
        if (!Files.isReadable(file)) {
            return Double.NaN;
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith("Pss:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                    .findFirst()
                    .orElse(Double.NaN);
        }
    }
}
