package io.pgcaretaker.monitoring.collect;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Looks at one thing in the database. */
public interface Collector {

    String name();

    Pace pace();

    /** The server versions it can speak to; several collectors of one name share them out. */
    VersionRange versions();

    /** The grant or extension without which it is skipped, in words an operator can act on. */
    String needs();

    /** What of it Prometheus sees; empty when nothing. */
    List<Family> families();

    /** Inside a read-only transaction with a deadline. */
    Rows collect(Connection connection) throws SQLException;
}
