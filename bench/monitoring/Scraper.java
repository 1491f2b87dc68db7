package monitoring;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Asks for metrics, as Prometheus does. */
final class Scraper {

    private final HttpClient http = HttpClient.newHttpClient();

    /**
     * Over one connection that is kept, by a client that hands nothing to other threads; the body is read and dropped. What a
     * client makes of it is not the exporter's cost.
     */
    static double[] scrape(String url, int times) throws Exception {
        double[] walls = new double[times];
        byte[] part = new byte[1 << 16];
        for (int i = 0; i < times; i++) {
            long start = System.nanoTime();
            HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
            connection.setReadTimeout(60_000);
            try (InputStream body = connection.getInputStream()) {
                while (body.read(part) >= 0) {
                    // Only to its end.
                }
            }
            walls[i] = (System.nanoTime() - start) / 1e6;
        }
        return walls;
    }

    /** The text; empty where nobody answers yet. */
    String get(String url) {
        try {
            return http.send(HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(60)).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Values by series. */
    static Map<String, Double> samples(String text) {
        Map<String, Double> samples = new HashMap<>();
        text.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            int space = line.lastIndexOf(' ');
            samples.put(line.substring(0, space), Double.valueOf(line.substring(space + 1).replace("Inf", "Infinity")));
        });
        return samples;
    }
}
