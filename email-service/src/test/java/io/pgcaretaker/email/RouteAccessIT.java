package io.pgcaretaker.email;

import io.pgcaretaker.email.smtp.MailServer;
import io.pgcaretaker.testing.PackagedService;
import io.pgcaretaker.testing.RouteAccessContract;
import io.pgcaretaker.testing.ServiceTest;
import java.util.Map;
import java.util.Set;

@ServiceTest(MailServer.class)
class RouteAccessIT extends RouteAccessContract {

    PackagedService service;

    @Override
    protected Map<String, Set<String>> expectedRoles() {
        Set<String> readers = Set.of("viewer", "operator");
        Set<String> senders = Set.of("sender");
        return Map.ofEntries(
                Map.entry("GET /api/email/status", readers),
                Map.entry("GET /api/email/queue", readers),
                Map.entry("POST /api/email/queue/{recipientId}/resend", Set.of("operator")),
                Map.entry("POST /api/email/queue/{recipientId}/settle", Set.of("operator")),
                Map.entry("GET /api/email/attempts", readers),
                Map.entry("GET /api/email/suppressions", readers),
                Map.entry("DELETE /api/email/suppressions/{address}", Set.of("operator")),
                Map.entry("GET /api/email/webhooks", readers),
                Map.entry("POST /api/email/webhooks/{name}/tell-again", Set.of("operator")),
                Map.entry("GET /api/email/unsubscribe/{token}", Set.of("public")),
                Map.entry("POST /api/email/unsubscribe/{token}", Set.of("public")),
                Map.entry("POST /api/email/unsubscribe/{token}/undo", Set.of("public")),
                Map.entry("POST /api/email/alertmanager", senders),
                Map.entry("POST /api/email/welcome", senders),
                Map.entry("POST /api/email/password-reset", senders),
                Map.entry("POST /api/email/templates/{name}/preview", Set.of("sender", "operator")),
                Map.entry("POST /api/email/test", Set.of("sender", "operator")),
                Map.entry("POST /emails", senders),
                Map.entry("POST /emails/batch", senders),
                Map.entry("GET /emails", Set.of("sender", "viewer", "operator")),
                Map.entry("GET /emails/{id}", Set.of("sender", "viewer", "operator")),
                Map.entry("PATCH /emails/{id}", senders),
                Map.entry("POST /emails/{id}/cancel", senders));
    }

    @Override
    protected PackagedService service() {
        return service;
    }
}
