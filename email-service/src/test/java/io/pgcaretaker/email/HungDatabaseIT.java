package io.pgcaretaker.email;

import io.pgcaretaker.testing.HungDatabaseContract;
import java.util.List;
import java.util.Map;

class HungDatabaseIT extends HungDatabaseContract {

    HungDatabaseIT() {
        super(
                List.of(
                        "/emails",
                        "/api/email/queue",
                        "/api/email/attempts",
                        "/api/email/suppressions",
                        "/api/email/webhooks"),
                Map.of("SMTP_URL", "smtp://127.0.0.1:9?starttls=disabled"));
    }
}
