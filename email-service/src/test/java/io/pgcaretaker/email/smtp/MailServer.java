package io.pgcaretaker.email.smtp;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.pgcaretaker.testing.Surroundings;
import java.util.List;
import java.util.Map;

/** The service as it is by default, and a real SMTP server: a field of type {@link GreenMail} gets it. */
public final class MailServer implements Surroundings {

    private final GreenMail server = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));

    @Override
    public Map<String, String> settings() {
        server.start();
        return Map.of("SMTP_URL", "smtp://127.0.0.1:" + server.getSmtp().getPort());
    }

    @Override
    public List<Object> parts() {
        return List.of(server);
    }

    @Override
    public void close() {
        server.stop();
    }
}
