package io.pgcaretaker.email.intake;

import java.sql.SQLException;
import java.util.List;

/** Tells a database that cannot take mail now from a request that it will never take. */
public final class Outage {

    /** SQLSTATE: connection, login, database, resources (disk full), operator intervention, read-only, lock timeout. */
    private static final List<String> STATES = List.of("08", "28", "3D000", "53", "57", "25006", "55P03");

    private Outage() {}

    /** Nothing is wrong with the request. Without a state it is the pool that has no connection. */
    public static boolean is(SQLException failure) {
        String state = failure.getSQLState();
        return state == null || STATES.stream().anyMatch(state::startsWith);
    }
}
