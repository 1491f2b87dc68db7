package smtp;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import support.Machine;

/** Postfix's own sink. */
public final class SmtpSink implements MailSink {
    private static final Pattern COUNT = Pattern.compile("mesg=([0-9]+)");
    private final int port = Machine.freePort();
    private final Process process;
    private final AtomicLong count = new AtomicLong();

    public SmtpSink(Path directory) throws Exception {
        process = new ProcessBuilder("smtp-sink", "-u", "postfix", "-c", "127.0.0.1:" + port, "1000")
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        Thread reader = new Thread(this::read);
        reader.setDaemon(true);
        reader.start();
        for (int i = 0; i < 100 && !Machine.isOpen(port); i++) {
            Thread.sleep(50);
        }
    }

    private void read() {
        StringBuilder line = new StringBuilder();
        try (InputStream in = new BufferedInputStream(process.getInputStream())) {
            for (int c = in.read(); c >= 0; c = in.read()) {
                if (c == '\r' || c == '\n') {
                    Matcher matcher = COUNT.matcher(line);
                    if (matcher.find()) {
                        count.set(Long.parseLong(matcher.group(1)));
                    }
                    line.setLength(0);
                } else {
                    line.append((char) c);
                }
            }
        } catch (IOException e) {
            count.addAndGet(0);
        }
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public long count() {
        return count.get();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
