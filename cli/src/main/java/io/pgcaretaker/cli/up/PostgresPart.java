package io.pgcaretaker.cli.up;

import io.pgcaretaker.cli.local.Home;
import io.pgcaretaker.cli.postgres.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** The embedded PostgreSQL, watched like a service. */
final class PostgresPart implements Part {

    static final String NAME = "postgres";

    private final PostgresServer server;
    private final int port;
    private final Home home;

    PostgresPart(PostgresServer server, int port, Home home) {
        this.server = server;
        this.port = port;
        this.home = home;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean isAlive() {
        return server.process().isPresent();
    }

    @Override
    public OptionalLong pid() {
        return server.process().stream().mapToLong(ProcessHandle::pid).findFirst();
    }

    @Override
    public void start() {
        server.start(port);
    }

    @Override
    public void requestStop() {
        server.requestStop();
    }

    @Override
    public void kill() {
        server.process().ifPresent(ProcessHandle::destroyForcibly);
    }

    @Override
    public boolean isHeld() {
        return Files.exists(home.hold(NAME));
    }

    @Override
    public Path log() {
        return home.log(NAME);
    }
}
