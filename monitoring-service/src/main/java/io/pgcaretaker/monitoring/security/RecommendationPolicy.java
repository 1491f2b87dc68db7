package io.pgcaretaker.monitoring.security;

import io.pgcaretaker.monitoring.security.SecurityReport.Recommendation;
import java.util.ArrayList;
import java.util.List;

/** What the events suggest. Report only: who locks accounts by counting gives strangers a way to lock them. */
final class RecommendationPolicy {

    /** OWASP's authentication sheet counts by account; five wrong passwords are more than a slip. */
    private static final long ACCOUNT_FAILURES = 5;

    /** Ten accounts from one network is a list being tried. */
    private static final long SPRAYED_ACCOUNTS = 10;

    private static final long NETWORK_FAILURES = 20;
    private static final long RATE_LIMITS = 50;

    List<Recommendation> of(SecurityReport.Summary summary, ReportRepository.Concentration failed) {
        List<Recommendation> all = new ArrayList<>();
        if (summary.totalEvents() == 0) {
            all.add(new Recommendation(
                    "info",
                    "No event was reported in this time",
                    "Check that the application still reports: POST /api/monitoring/security/events"));
            return all;
        }
        if (failed.accountsOfNetwork() >= SPRAYED_ACCOUNTS) {
            all.add(new Recommendation(
                    "critical",
                    "Sign-ins to " + failed.accountsOfNetwork() + " accounts failed from one network",
                    "A list of passwords is being tried: limit that network at the gateway, ask for a second factor"));
        } else if (failed.mostOfNetwork() >= NETWORK_FAILURES) {
            all.add(new Recommendation(
                    "warning",
                    failed.mostOfNetwork() + " sign-ins failed from one network",
                    "Limit that network at the gateway"));
        }
        if (failed.mostOfAccount() >= ACCOUNT_FAILURES) {
            all.add(new Recommendation(
                    "warning",
                    "One account had " + failed.mostOfAccount() + " failed sign-ins",
                    "Slow down attempts for each account; tell its owner"));
        }
        if (summary.suspiciousAttempts() > 0) {
            all.add(new Recommendation(
                    "warning",
                    summary.suspiciousAttempts() + " suspicious attempts",
                    "Read the events' paths: is what they aim at patched, and does the gateway filter it?"));
        }
        if (summary.rateLimitViolations() >= RATE_LIMITS) {
            all.add(new Recommendation(
                    "info",
                    summary.rateLimitViolations() + " requests over the rate limit",
                    "An abuser, or a limit that is too low for a client of yours: look at the networks"));
        }
        return all;
    }
}
