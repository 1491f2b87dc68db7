package monitoring;

/**
 * What one of the two cost; NaN is not measured.
 *
 * @param collectionMs database time in 15 s, as often as Prometheus asks; of ours all that the service does
 * @param coldestMs the longest scrape of those at Prometheus' pace in the first minutes of the process
 */
record Cost(
        double coldestMs,
        double scrapeP50Ms,
        double scrapeP99Ms,
        double databaseMsPerMinute,
        double collectionMs,
        double backendMegabytes,
        double rssMegabytes,
        long series) {}
