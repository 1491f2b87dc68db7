package io.pgcaretaker.monitoring.collect;

/** Server versions as {@code server_version_num} has them, both ends included. */
public record VersionRange(int from, int to) {

    static final VersionRange ALL = new VersionRange(0, Integer.MAX_VALUE);

    static VersionRange parse(String text) {
        String[] ends = text.split("-", -1);
        if (ends.length != 2) {
            throw new IllegalArgumentException("versions must be from-to or from-, but is " + text);
        }
        return new VersionRange(Integer.parseInt(ends[0]), ends[1].isEmpty() ? ALL.to : Integer.parseInt(ends[1]));
    }

    public boolean contains(int version) {
        return from <= version && version <= to;
    }

    /** Such as {@code PostgreSQL 17 or newer}. */
    String words() {
        return to == ALL.to ? "PostgreSQL " + from / 10_000 + " or newer" : "PostgreSQL " + to / 10_000 + " or older";
    }
}
