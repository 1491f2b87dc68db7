package io.pgcaretaker.monitoring.collect;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Looks at one thing in the database. */
public interface Collector {

    String name();

    Pace pace();

    /** How often it looks, when that is not its pace's interval. */
    default Optional<Duration> interval() {
        return Optional.empty();
    }

    /** The server versions it can speak to; several collectors of one name share them out. */
    VersionRange versions();

    /** The grant or extension without which it is skipped, in words an operator can act on. */
    String needs();

    /** What of it Prometheus sees; empty when nothing. */
    List<Family> families();

    /** True while it shows aggregates, because the whole costs more than its budget. */
    default boolean isDegraded() {
        return false;
    }

    /** True when it asks for the statistics of every relation: a session keeps a reference to each until it ends. */
    default boolean asksForEveryRelation() {
        return false;
    }

    /** Inside a read-only transaction that began with the deadline as its {@code statement_timeout}. */
    Rows collect(Connection connection, Deadline deadline) throws SQLException;
}
