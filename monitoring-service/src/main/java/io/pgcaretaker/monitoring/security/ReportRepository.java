package io.pgcaretaker.monitoring.security;

import io.pgcaretaker.monitoring.security.SecurityReport.Event;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Reads the events of a time. Every method works in the caller's transaction, which has the deadline. */
final class ReportRepository {

    /** How many events of a kind and level. */
    record Count(String event, String level, long number) {}

    /** Failed sign-ins seen from one side: the most by one account, from one network, and accounts from one network. */
    record Concentration(
            long accounts, long addresses, long mostOfAccount, long mostOfNetwork, long accountsOfNetwork) {}

    List<Count> counts(Connection connection, Instant since) throws SQLException {
        String sql = """
                /* caretaker.security-report-counts */
                select event, level, count(*) as number
                from caretaker.security_event
                where occurred_at >= ?
                group by event, level
                order by number desc, event, level
                """;
        List<Count> counts = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, since.atOffset(ZoneOffset.UTC));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    counts.add(new Count(rows.getString("event"), rows.getString("level"), rows.getLong("number")));
                }
            }
        }
        return counts;
    }

    Concentration concentration(Connection connection, Instant since) throws SQLException {
        String sql = """
                /* caretaker.security-report-concentration */
                with failed as materialized (
                  select account_hash, address_hash, network
                  from caretaker.security_event
                  where occurred_at >= ?
                    and event in ('authn_login_fail', 'authn_login_fail_max')
                )
                select
                  (select count(distinct account_hash) from failed) as accounts,
                  (select count(distinct address_hash) from failed) as addresses,
                  (select coalesce(max(n), 0) from (
                    select count(*) as n from failed where account_hash is not null group by account_hash) a) as most_of_account,
                  (select coalesce(max(n), 0) from (
                    select count(*) as n from failed where network is not null group by network) b) as most_of_network,
                  (select coalesce(max(n), 0) from (
                    select count(distinct account_hash) as n from failed where network is not null group by network) c)
                    as accounts_of_network
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, since.atOffset(ZoneOffset.UTC));
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return new Concentration(
                        rows.getLong("accounts"),
                        rows.getLong("addresses"),
                        rows.getLong("most_of_account"),
                        rows.getLong("most_of_network"),
                        rows.getLong("accounts_of_network"));
            }
        }
    }

    List<Event> newest(Connection connection, Instant since, int limit) throws SQLException {
        String sql = """
                /* caretaker.security-report-newest */
                select id, occurred_at, event, level, reported_by, application, account_hash, address_hash, network,
                  request_method, request_path
                from caretaker.security_event
                where occurred_at >= ?
                order by occurred_at desc, id
                limit ?
                """;
        List<Event> events = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, since.atOffset(ZoneOffset.UTC));
            statement.setInt(2, limit);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    events.add(event(rows));
                }
            }
        }
        return events;
    }

    private static Event event(ResultSet rows) throws SQLException {
        return new Event(
                rows.getObject("id", UUID.class),
                rows.getObject("occurred_at", OffsetDateTime.class).toInstant(),
                rows.getString("event"),
                rows.getString("level"),
                rows.getString("reported_by"),
                rows.getString("application"),
                rows.getString("account_hash"),
                rows.getString("address_hash"),
                rows.getString("network"),
                rows.getString("request_method"),
                rows.getString("request_path"));
    }
}
