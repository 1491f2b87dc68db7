package io.pgcaretaker.cli.manifests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.pgcaretaker.cli.up.LocalCaretaker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an overlay with the component scrapes, alerts on and shows. */
class PrometheusComponentTest {

    private static final Path FOLDER = LocalCaretaker.ROOT.resolve("k8s/components/prometheus");
    private static final ObjectMapper JSON = new ObjectMapper();

    private static List<JsonNode> rendered;

    @BeforeAll
    static void render(@TempDir Path overlay) throws Exception {
        Path real = overlay.toRealPath();
        Files.writeString(real.resolve("kustomization.yaml"), """
                apiVersion: kustomize.config.k8s.io/v1beta1
                kind: Kustomization
                resources: [%s]
                components: [%s]
                """.formatted(
                        real.relativize(Manifests.BASE.toRealPath()), real.relativize(FOLDER.toRealPath())));
        try {
            rendered = Manifests.render(real);
        } catch (Manifests.NoKubectlException e) {
            assumeTrue(false, "kubectl is not installed");
        }
    }

    private static <T> Map<String, T> all(Class<T> kind) throws Exception {
        Map<String, T> found = new HashMap<>();
        List<String> unknown = new ArrayList<>();
        for (JsonNode document : rendered) {
            if (document.path("kind").asText().equals(kind.getSimpleName())) {
                T read = JSON.treeToValue(document, kind);
                UnknownFields.collect(read, kind.getSimpleName(), unknown);
                found.put(document.at("/metadata/name").asText(), read);
            }
        }
        assertThat(unknown).isEmpty();
        return found;
    }

    /** The services whose pods it selects. */
    private static Set<String> scraped(PodMonitor monitor) throws Exception {
        Map<String, String> selector = monitor.getSpec().getSelector().getMatchLabels();
        String port = monitor.getSpec().getPodMetricsEndpoints().get(0).getPort();
        return all(Deployment.class).entrySet().stream()
                .filter(each -> each.getValue()
                        .getSpec()
                        .getTemplate()
                        .getMetadata()
                        .getLabels()
                        .entrySet()
                        .containsAll(selector.entrySet()))
                .filter(each -> each.getValue().getSpec().getTemplate().getSpec().getContainers().stream()
                        .flatMap(container -> container.getPorts().stream())
                        .map(ContainerPort::getName)
                        .anyMatch(port::equals))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    @Test
    void databaseIsScrapedWhereTheExporterHasItAndEveryServiceAtItsOwnMetrics() throws Exception {
        Map<String, PodMonitor> monitors = all(PodMonitor.class);

        assertThat(monitors).containsOnlyKeys("caretaker-database", "caretaker-services");
        assertThat(monitors.values())
                .allSatisfy(monitor -> assertThat(monitor.getSpec().getPodMetricsEndpoints())
                        .singleElement()
                        .satisfies(endpoint -> assertThat(endpoint.getPort()).isEqualTo("management")));
        PodMonitor database = monitors.get("caretaker-database");
        assertThat(database.getSpec().getPodMetricsEndpoints().get(0).getPath()).isEqualTo("/metrics");
        assertThat(scraped(database)).containsExactly("monitoring-service");
        PodMonitor services = monitors.get("caretaker-services");
        assertThat(services.getSpec().getPodMetricsEndpoints().get(0).getPath()).isEqualTo("/q/metrics");
        assertThat(scraped(services))
                .containsExactlyInAnyOrder("monitoring-service", "cleanup-service", "email-service");
    }

    @Test
    void rulesNameOnlyJobsThatAreScraped() throws Exception {
        String rules = JSON.writeValueAsString(all(PrometheusRule.class).get("caretaker"));
        Set<String> jobs = Set.of(
                "caretaker-database",
                "caretaker-monitoring-service",
                "caretaker-cleanup-service",
                "caretaker-email-service");

        List<String> named = Pattern.compile("job=~?\\\\\"([^\"\\\\]*)\\\\\"")
                .matcher(rules)
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(named).isNotEmpty().allSatisfy(job -> assertThat(jobs).anyMatch(each -> each.matches(job)));
    }

    @Test
    void dashboardsAreWholeInAConfigMapThatGrafanaFinds() throws Exception {
        Map<String, ConfigMap> maps = all(ConfigMap.class);
        ConfigMap dashboards = maps.entrySet().stream()
                .filter(each -> each.getKey().startsWith("caretaker-dashboards"))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow();

        assertThat(dashboards.getMetadata().getLabels()).containsEntry("grafana_dashboard", "1");
        assertThat(dashboards.getData()).containsOnlyKeys("database.json", "caretaker.json");
        for (Map.Entry<String, String> dashboard : dashboards.getData().entrySet()) {
            assertThat(JSON.readTree(dashboard.getValue()))
                    .isEqualTo(JSON.readTree(FOLDER.resolve("dashboards")
                            .resolve(dashboard.getKey())
                            .toFile()));
        }
    }
}
