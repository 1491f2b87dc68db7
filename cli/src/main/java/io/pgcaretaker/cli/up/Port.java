package io.pgcaretaker.cli.up;

/** What listens, and where it likes to. */
enum Port {
    MONITORING("monitoring-service", 8081),
    CLEANUP("cleanup-service", 8082),
    EMAIL("email-service", 8083),
    MONITORING_MANAGEMENT("monitoring-service's management", 9081),
    CLEANUP_MANAGEMENT("cleanup-service's management", 9082),
    EMAIL_MANAGEMENT("email-service's management", 9083),
    INBOX("the mail catcher's inbox", 8025),
    SMTP("the mail catcher's SMTP", 1025),
    /** Not 5432, where a PostgreSQL of the user's own may be expected. */
    POSTGRES("PostgreSQL", 15432);

    private final String user;
    private final int preferred;

    Port(String user, int preferred) {
        this.user = user;
        this.preferred = preferred;
    }

    String user() {
        return user;
    }

    int preferred() {
        return preferred;
    }
}
