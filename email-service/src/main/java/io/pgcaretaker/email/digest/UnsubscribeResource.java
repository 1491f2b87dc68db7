package io.pgcaretaker.email.digest;

import io.pgcaretaker.email.secret.KeyRepository;
import io.pgcaretaker.problem.ProblemException;
import io.pgcaretaker.startup.NeedsDatabase;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.sql.SQLException;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;

/**
 * RFC 8058: a mail program's one click is a POST and ends the digests; a look at the address, by a human or by whoever scans
 * links for them, changes nothing.
 */
@Path("/api/email/unsubscribe/{token}")
public class UnsubscribeResource {

    private static final String PAGE = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="robots" content="noindex">
            <title>%1$s</title>
            </head>
            <body style="font:18px/1.5 system-ui,sans-serif;max-width:32em;margin:4em auto;padding:0 1em">
            <h1 style="font-size:1.3em">%1$s</h1>
            <p>%2$s</p>
            <form method="post" action="%3$s"><button style="font:inherit;padding:.5em 1em">%4$s</button></form>
            </body>
            </html>
            """;

    private final SubscriptionRepository subscriptions;
    private final KeyRepository keys;

    UnsubscribeResource(SubscriptionRepository subscriptions, KeyRepository keys) {
        this.subscriptions = subscriptions;
        this.keys = keys;
    }

    @GET
    @PermitAll
    @Produces(MediaType.TEXT_HTML)
    @Operation(summary = "A page with a button that ends a human's digests; looking at it changes nothing")
    public Response page(@PathParam("token") String token) throws SQLException {
        id(token);
        return answer(PAGE.formatted(
                "Digests by mail",
                "You get digests of alerts, days or weeks at your address. Do you want no more of them?",
                token,
                "No more digests"));
    }

    /** Takes any body and reads none: mail programs post a form, or a form in parts. */
    @POST
    @NeedsDatabase
    @PermitAll
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.TEXT_HTML)
    @Operation(summary = "End a human's digests: the one click of RFC 8058")
    public Response unsubscribe(@PathParam("token") String token) throws SQLException {
        change(token, false);
        return answer(PAGE.formatted(
                "You get no more digests",
                "Alerts come as single mails, however many there are.",
                token + "/undo",
                "That was a mistake"));
    }

    @POST
    @Path("/undo")
    @NeedsDatabase
    @PermitAll
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.TEXT_HTML)
    @Operation(summary = "Get digests again")
    public Response undo(@PathParam("token") String token) throws SQLException {
        change(token, true);
        return answer(
                PAGE.formatted("You get digests again", "Nothing has changed.", "../" + token, "No more digests"));
    }

    private void change(String token, boolean wanted) throws SQLException {
        if (!subscriptions.want(id(token), wanted)) {
            throw unknown();
        }
    }

    /** What passes has our signature, so it may stand in a page. */
    private UUID id(String token) throws SQLException {
        return Subscription.read(token, keys.key()).orElseThrow(UnsubscribeResource::unknown);
    }

    private static ProblemException unknown() {
        return ProblemException.notFound("this link is not complete, or not ours");
    }

    /** The link is all that is needed to change something: nobody keeps it, nobody is told of it, nothing is loaded. */
    private static Response answer(String page) {
        return Response.ok(page)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header("Referrer-Policy", "no-referrer")
                .header("X-Content-Type-Options", "nosniff")
                .header(
                        "Content-Security-Policy",
                        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'")
                .build();
    }
}
