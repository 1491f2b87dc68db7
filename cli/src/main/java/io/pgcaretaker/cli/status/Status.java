package io.pgcaretaker.cli.status;

import io.pgcaretaker.cli.local.CannotException;
import io.pgcaretaker.cli.local.Home;
import io.pgcaretaker.cli.local.LocalState;
import io.pgcaretaker.cli.up.Readiness;
import io.pgcaretaker.cli.up.Service;
import io.pgcaretaker.cli.up.Up;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code ./caretaker status}: exit code 0 when all that runs is ready, 1 otherwise. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Shows what `up` runs here and whether it is ready (exit code 0).")
public final class Status implements Callable<Integer> {

    @ParentCommand
    private Up.@Nullable HomeSource parent;

    @Override
    public Integer call() throws InterruptedException {
        if (parent == null) {
            throw new IllegalStateException("picocli sets the parent");
        }
        LocalState state = running(parent.home());
        Readiness readiness = new Readiness();
        boolean allReady = true;
        for (Service service : Service.values()) {
            String management = state.management().get(service.wireName());
            if (management != null) {
                String word = readiness.of(management);
                allReady &= word.equals("ready");
                line(service.artifact(), word, url(state, service));
            }
        }
        line("mail catcher", state.mailCatcher() == null ? "not used" : "ready", state.mailCatcher());
        Long postgres = state.pids().get("postgres");
        line("PostgreSQL", postgres == null ? "not run here" : "pid " + postgres, null);
        return allReady ? 0 : 1;
    }

    static LocalState running(Home home) {
        Optional<LocalState> state = LocalState.read(home);
        if (state.isEmpty()) {
            throw new CannotException("nothing runs in " + home.directory() + "; ./caretaker up starts it");
        }
        if (!state.get().launcherLives(home)) {
            throw new CannotException("the last `up` in " + home.directory()
                    + " was killed and may have left services running; ./caretaker up tidies up and starts anew");
        }
        return state.get();
    }

    private static @Nullable String url(LocalState state, Service service) {
        return switch (service) {
            case MONITORING -> state.monitoring();
            case CLEANUP -> state.cleanup();
            case EMAIL -> state.email();
        };
    }

    private static void line(String name, String word, @Nullable String where) {
        System.out.println("%-19s %-13s %s"
                .formatted(name, word, where == null ? "" : where)
                .stripTrailing());
    }
}
