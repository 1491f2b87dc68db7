package io.pgcaretaker.cleanup.restore;

import io.pgcaretaker.cleanup.catalogue.RowKey;
import io.pgcaretaker.cleanup.catalogue.Table;
import io.pgcaretaker.cleanup.database.DatabaseFailure;
import io.pgcaretaker.cleanup.database.Transactions;
import io.pgcaretaker.cleanup.notice.LinkKey;
import io.pgcaretaker.cleanup.notice.NoticeRepository;
import io.pgcaretaker.cleanup.policy.Policies;
import io.pgcaretaker.cleanup.policy.RetentionPolicy;
import io.pgcaretaker.cleanup.preflight.Preflight;
import jakarta.annotation.security.PermitAll;
import jakarta.inject.Singleton;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.RestPath;

/**
 * The link in a deletion notice. A look at it, by a human or by whoever scans links for them, changes nothing; the button on
 * its page restores. A link that is wrong or over gets the same answer; one that was used
 * says so to whoever has it.
 */
@Path("/api/cleanup/restore/{token}")
@Singleton
@APIResponse(
        responseCode = "404",
        description = "The link does not work (any more)",
        content = @Content(mediaType = MediaType.TEXT_HTML))
@APIResponse(
        responseCode = "429",
        description = "Too many requests",
        content = @Content(mediaType = MediaType.TEXT_HTML))
@APIResponse(
        responseCode = "503",
        description = "In use at this moment, or the database is away; try again",
        content = @Content(mediaType = MediaType.TEXT_HTML))
public class RestoreLinkResource {

    private static final Logger LOG = Logger.getLogger(RestoreLinkResource.class);

    /** Far more than people click, far less than hurts the database; what is not signed by us does not reach it. */
    private static final int PER_SECOND = 20;

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
            %3$s
            </body>
            </html>
            """;

    /** Posts to where the page is: no token stands in it. */
    private static final String BUTTON =
            "<form method=\"post\"><button style=\"font:inherit;padding:.5em 1em\">Keep my account</button></form>";

    /** A token, and what mail programs and people put behind a link and take for a part of it, as where a sentence ends. */
    private static final Pattern FOLLOWED = Pattern.compile("([A-Za-z0-9_-]{43})(?:[\\s\\p{Z}<>]|[\\p{P}&&[^_-]])+");

    private final NoticeRepository notices = new NoticeRepository();
    private final RequestRate wrong = new RequestRate(PER_SECOND, System::nanoTime);
    private final RequestRate ours = new RequestRate(PER_SECOND, System::nanoTime);
    private final LinkRates each = new LinkRates(System::nanoTime);
    private final Policies policies;
    private final Preflight preflight;
    private final Transactions transactions;
    private final Restore restore;
    private final LinkKey links;

    RestoreLinkResource(Policies policies, Preflight preflight, Transactions transactions) {
        this.policies = policies;
        this.preflight = preflight;
        this.transactions = transactions;
        this.restore = new Restore(transactions, preflight);
        this.links = new LinkKey(transactions, System::nanoTime);
    }

    @GET
    @PermitAll
    @Produces(MediaType.TEXT_HTML)
    @Operation(summary = "A page with a button that restores; looking at it changes nothing")
    @APIResponse(responseCode = "200", description = "The page", content = @Content(mediaType = MediaType.TEXT_HTML))
    public Response page(@RestPath String token) {
        return orAway(() -> look(token));
    }

    private Response look(String token) {
        Optional<UUID> notice = token(token);
        if (!mayPass(notice)) {
            return tooMany();
        }
        Optional<Restore.Wanted> wanted = notice.flatMap(this::wanted);
        if (wanted.isEmpty()) {
            return ended(notice);
        }
        return restore.hindrance(wanted.get())
                .map(outcome -> answer(notice, outcome))
                .orElseGet(() -> page(
                        200,
                        "Keep your account?",
                        "Your account is closed. Until the day that the mail names you can have it back.",
                        BUTTON));
    }

    /** Takes any body and reads none. */
    @POST
    @PermitAll
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.TEXT_HTML)
    @Operation(summary = "Restore what the deletion notice with this link was about")
    @APIResponse(responseCode = "200", description = "It is back", content = @Content(mediaType = MediaType.TEXT_HTML))
    @APIResponse(
            responseCode = "409",
            description = "It cannot come back as it is; the page says to ask for help",
            content = @Content(mediaType = MediaType.TEXT_HTML))
    public Response restore(@RestPath String token) {
        return orAway(() -> restored(token));
    }

    private Response restored(String token) {
        Optional<UUID> notice = token(token);
        if (!mayPass(notice)) {
            return tooMany();
        }
        Optional<Restore.Wanted> wanted = notice.flatMap(this::wanted);
        if (wanted.isEmpty()) {
            return ended(notice);
        }
        RestoreOutcome outcome = restore.restore(wanted.get());
        LOG.infof(
                "restore link used policy=%s outcome=%s", wanted.get().policy().name(), outcome.word());
        if (outcome instanceof RestoreOutcome.Refused refused) {
            LOG.warnf(
                    "restore link refused, whoever asks for help needs an operator policy=%s cause=%s",
                    wanted.get().policy().name(), refused.why());
        }
        return answer(notice, outcome);
    }

    /** Whoever follows a link out of a mail is told in words of theirs, too, and to come again. */
    private static Response orAway(Supplier<Response> answer) {
        try {
            return answer.get();
        } catch (DatabaseFailure e) {
            if (e.isPassing() || e.isReadOnly()) {
                return page(
                        503, "Not at this moment", "Please try again in some minutes. Your link stays as it is.", "");
            }
            throw e;
        }
    }

    private Response answer(Optional<UUID> notice, RestoreOutcome outcome) {
        // Of two clicks at once, one waits for the other and finds nothing to bring back.
        if (outcome instanceof RestoreOutcome.Gone || outcome instanceof RestoreOutcome.NotDeleted) {
            return ended(notice, outcome instanceof RestoreOutcome.NotDeleted ? kept() : unknown());
        }
        if (outcome instanceof RestoreOutcome.Restored) {
            return page(200, "Your account is back", "Everything is as it was. You can sign in again.", "");
        }
        if (outcome instanceof RestoreOutcome.Taken) {
            return page(
                    409,
                    "Your account cannot be brought back this way",
                    "Its name or its address is in use by another account now. Please ask for help; the account is still"
                            + " there.",
                    "");
        }
        if (outcome instanceof RestoreOutcome.Refused) {
            return page(
                    409,
                    "Your account cannot be brought back this way",
                    "Please ask for help; the account is still there.",
                    "");
        }
        return outcome instanceof RestoreOutcome.Busy
                ? page(503, "Not at this moment", "Your account is in use at this moment. Please try again.", BUTTON)
                : unknown();
    }

    private boolean mayPass(Optional<UUID> notice) {
        return notice.isPresent() ? each.allows(notice.get()) && ours.allows() : wrong.allows();
    }

    private Optional<UUID> token(String text) {
        Matcher followed = FOLLOWED.matcher(text);
        return links.tokens().read(followed.matches() ? followed.group(1) : text);
    }

    /** The row that the notice is about, while it is open. */
    private Optional<Restore.Wanted> wanted(UUID notice) {
        Optional<NoticeRepository.Subject> found =
                transactions.run("cleanup.notice-subject", session -> notices.subject(session, notice));
        if (found.isEmpty()) {
            return Optional.empty();
        }
        NoticeRepository.Subject subject = found.get();
        Optional<RetentionPolicy> policy = policies.find(subject.policy())
                .filter(one -> one.notice() != null && !one.restore().isEmpty());
        Optional<Table> table = policy.flatMap(preflight::table)
                .filter(one -> one.name().quoted().equals(subject.table()));
        if (policy.isEmpty() || table.isEmpty()) {
            return Optional.empty();
        }
        List<String> columns = policy.get().key().isEmpty()
                ? table.get().primaryKey()
                : policy.get().key();
        return columns.size() == subject.key().size()
                ? Optional.of(new Restore.Wanted(
                        policy.get(), table.get(), new RowKey(columns, subject.key()), subject.age(), false))
                : Optional.empty();
    }

    private Response ended(Optional<UUID> notice) {
        return ended(notice, unknown());
    }

    /** Whoever clicks twice sees the second answer only. */
    private Response ended(Optional<UUID> notice, Response otherwise) {
        boolean restored = notice.isPresent()
                && transactions.run("cleanup.notice-restored", session -> notices.isRestored(session, notice.get()));
        return restored
                ? page(
                        200,
                        "Your account came back",
                        "This link was used already, and your account came back then. If it was closed again since, the"
                                + " newest mail about that has a link of its own.",
                        "")
                : otherwise;
    }

    /** The application, or somebody by hand, was first. */
    private static Response kept() {
        return page(
                200,
                "Your account is not waiting to be deleted",
                "It came back another way. If you cannot sign in, please ask for help.",
                "");
    }

    private static Response unknown() {
        return page(404, "This link does not work", "It is not complete, or its time is over.", "");
    }

    private static Response tooMany() {
        return Response.fromResponse(page(429, "Too many requests", "Please try again in a moment.", ""))
                .header(HttpHeaders.RETRY_AFTER, 1)
                .build();
    }

    /** The link is all that is needed to restore: nobody keeps it, nobody is told of it, nothing is loaded. */
    private static Response page(int status, String title, String text, String form) {
        return Response.status(status)
                .type(MediaType.TEXT_HTML_TYPE.withCharset("utf-8"))
                .entity(PAGE.formatted(title, text, form))
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header("Referrer-Policy", "no-referrer")
                .header("X-Content-Type-Options", "nosniff")
                .header(
                        "Content-Security-Policy",
                        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'")
                .build();
    }
}
