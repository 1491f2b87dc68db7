package io.pgcaretaker.cli.up;

import io.pgcaretaker.cli.inbox.MailCatcher;
import io.pgcaretaker.cli.local.Home;
import io.pgcaretaker.cli.local.HomeLock;
import io.pgcaretaker.cli.local.Secrets;
import io.pgcaretaker.cli.postgres.Binaries;
import io.pgcaretaker.cli.postgres.PostgresServer;
import io.pgcaretaker.cli.process.Orphans;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One `up`, from nothing to a table of what runs where. Whatever it starts, its {@link Lifetime} ends. */
final class Launch {

    /** On a machine with 2 busy cores three JVMs take 20 s; beyond this something is wrong. */
    private static final Duration READY_DEADLINE = Duration.ofMinutes(2);

    private static final Duration ORPHAN_DEADLINE = Duration.ofSeconds(15);

    private final Home home;
    private final Settings settings;
    private final Up.Options options;
    private final Screen screen;
    private final Lifetime lifetime;

    Launch(Home home, Settings settings, Up.Options options, Screen screen, Lifetime lifetime) {
        this.home = home;
        this.settings = settings;
        this.options = options;
        this.screen = screen;
        this.lifetime = lifetime;
    }

    void run() throws Exception {
        Optional<String> ownDatabase = settings.databaseUrl();
        HomeLock lock = HomeLock.take(home);
        lifetime.onEnd(lock::close);
        Secrets secrets = Secrets.of(home);
        clearWhatAKilledLauncherLeft();
        PostgresServer server = ownDatabase.isPresent() ? null : unpackPostgres();

        PortPlan ports = PortPlan.choose(needed(server != null), options.portsFrom(), PortPlan::isFree);
        ports.moved().forEach(screen::say);

        PostgresPart postgres = server == null ? null : startPostgres(server, secrets, ports);
        Database database = ownDatabase.isPresent() ? new Database(ownDatabase.get()) : embedded(secrets, ports);
        String version = screen.step("migrating " + database.shown(), database::migrate);
        screen.say("  schema caretaker is at version " + version);
        if (postgres != null) {
            loadSample(database);
        }
        if (settings.catchesMail()) {
            startMailCatcher(ports);
        }
        ServiceEnvironment environment =
                new ServiceEnvironment(settings, secrets, ports, database.url(), postgres != null);
        List<ServicePart> services = options.services() ? startServices(environment) : List.of();
        Running running = new Running(home, environment, database, services, postgres, screen);
        lifetime.onEnd(running::end);
        running.begin();
    }

    private Set<Port> needed(boolean embeddedPostgres) {
        Set<Port> needed = EnumSet.allOf(Port.class);
        if (!settings.catchesMail()) {
            needed.removeAll(EnumSet.of(Port.INBOX, Port.SMTP));
        }
        if (!embeddedPostgres) {
            needed.remove(Port.POSTGRES);
        }
        return needed;
    }

    private void clearWhatAKilledLauncherLeft() throws IOException {
        Files.deleteIfExists(home.localState());
        for (String name : partNames()) {
            Files.deleteIfExists(home.hold(name));
        }
        List<ProcessHandle> orphans = Orphans.find(ServicePart.mark(home));
        if (!orphans.isEmpty()) {
            screen.say("the last `up` was killed; stopping " + orphans.size() + " services that it left");
            Orphans.stop(orphans, ORPHAN_DEADLINE);
        }
    }

    private static List<String> partNames() {
        List<String> names = new ArrayList<>(List.of(PostgresPart.NAME));
        Arrays.stream(Service.values()).map(Service::wireName).forEach(names::add);
        return names;
    }

    /** A server that outlived its launcher goes first, so that its port is free again. */
    private PostgresServer unpackPostgres() throws Exception {
        Binaries binaries = screen.step("unpacking PostgreSQL", () -> Binaries.unpack(home.directory()));
        PostgresServer server = new PostgresServer(binaries, home.postgresData(), home.log(PostgresPart.NAME));
        if (server.process().isPresent()) {
            screen.say("the last `up` was killed; stopping the PostgreSQL that it left");
            server.stop();
        }
        return server;
    }

    private PostgresPart startPostgres(PostgresServer server, Secrets secrets, PortPlan ports) throws Exception {
        if (server.makeIfMissing(secrets.postgresPassword())) {
            screen.say("  a new PostgreSQL cluster is in " + home.postgresData());
        }
        PostgresPart part = new PostgresPart(server, ports.of(Port.POSTGRES), home);
        lifetime.onEnd(server::stop);
        screen.step("starting PostgreSQL on 127.0.0.1:" + ports.of(Port.POSTGRES), () -> {
            part.start();
            return part;
        });
        return part;
    }

    private static Database embedded(Secrets secrets, PortPlan ports) throws Exception {
        String password = secrets.postgresPassword();
        int port = ports.of(Port.POSTGRES);
        new Database(Database.embeddedUrl("postgres", password, port)).createSampleIfMissing();
        return new Database(Database.embeddedUrl(Database.SAMPLE, password, port));
    }

    private void loadSample(Database database) throws Exception {
        boolean loaded = screen.step("looking for the sample application", database::loadSampleIfMissing);
        screen.say(
                loaded
                        ? "  loaded the sample application: 20,000 users with their tokens, sessions, keys and prompts"
                        : "  the sample application is there from before");
    }

    private void startMailCatcher(PortPlan ports) {
        MailCatcher catcher = MailCatcher.start(ports.of(Port.SMTP), ports.of(Port.INBOX), Clock.systemUTC());
        lifetime.onEnd(catcher::close);
        screen.say("  the mail catcher takes mail on 127.0.0.1:" + ports.of(Port.SMTP));
    }

    private List<ServicePart> startServices(ServiceEnvironment environment) throws InterruptedException {
        List<ServicePart> parts = Arrays.stream(Service.values())
                .map(service -> new ServicePart(service, home, environment.of(service)))
                .toList();
        Services services = new Services(parts, screen);
        lifetime.onEnd(services::stop);
        screen.say("  starting the services (logs in " + home.logs() + ") ...");
        services.start();
        services.awaitReady(service -> environment.url(service.management()), READY_DEADLINE);
        return parts;
    }
}
