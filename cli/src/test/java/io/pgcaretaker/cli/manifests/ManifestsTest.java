package io.pgcaretaker.cli.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.pgcaretaker.cli.up.LocalCaretaker;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ManifestsTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Map<String, Class<?>> KINDS = Map.of(
            "ServiceAccount", ServiceAccount.class,
            "Service", io.fabric8.kubernetes.api.model.Service.class,
            "ConfigMap", ConfigMap.class,
            "Deployment", Deployment.class,
            "Job", Job.class,
            "NetworkPolicy", NetworkPolicy.class);

    private static final Map<String, Integer> PORTS =
            Map.of("monitoring-service", 8081, "cleanup-service", 8082, "email-service", 8083);

    private static List<JsonNode> rendered;

    @BeforeAll
    static void render() throws Exception {
        rendered = Manifests.render();
    }

    @Test
    void everyFieldIsOneThatKubernetesKnows() throws Exception {
        List<String> unknown = new ArrayList<>();
        for (JsonNode document : rendered) {
            Class<?> kind = KINDS.get(document.path("kind").asText());
            assertThat(kind).as(document.path("kind").asText()).isNotNull();
            UnknownFields.collect(
                    JSON.treeToValue(document, kind), document.path("kind").asText(), unknown);
        }
        assertThat(unknown).isEmpty();
    }

    @Test
    void aMistypedFieldWouldBeFound() throws Exception {
        JsonNode document = JSON.readTree(
                "{\"spec\":{\"selecto\":{},\"template\":{\"spec\":{\"containers\":[{\"readinessProb\":{}}]}}}}");
        List<String> unknown = new ArrayList<>();

        UnknownFields.collect(JSON.treeToValue(document, Deployment.class), "Deployment", unknown);

        assertThat(unknown)
                .containsExactlyInAnyOrder(
                        "Deployment.spec.selecto", "Deployment.spec.template.spec.containers[0].readinessProb");
    }

    @Test
    void eachServiceHasADeploymentAServiceAndAnAccountOfItsName() throws Exception {
        for (Class<?> kind :
                List.of(Deployment.class, io.fabric8.kubernetes.api.model.Service.class, ServiceAccount.class)) {
            assertThat(names(kind)).as(kind.getSimpleName()).isEqualTo(PORTS.keySet());
        }
        assertThat(names(Job.class)).containsExactly("caretaker-migrate");
    }

    @Test
    void selectorsFindThePodsAndPublicPortsOnlyAreExposed() throws Exception {
        for (Deployment deployment : all(Deployment.class)) {
            String name = deployment.getMetadata().getName();
            var labels = deployment.getSpec().getTemplate().getMetadata().getLabels();
            var service = all(io.fabric8.kubernetes.api.model.Service.class).stream()
                    .filter(each -> each.getMetadata().getName().equals(name))
                    .findFirst()
                    .orElseThrow();

            assertThat(labels)
                    .containsAllEntriesOf(deployment.getSpec().getSelector().getMatchLabels());
            assertThat(labels).containsAllEntriesOf(service.getSpec().getSelector());
            assertThat(service.getSpec().getPorts())
                    .singleElement()
                    .satisfies(port -> assertThat(port.getPort()).isEqualTo(PORTS.get(name)))
                    .satisfies(
                            port -> assertThat(port.getTargetPort().getStrVal()).isEqualTo("http"));
            assertThat(container(deployment).getPorts())
                    .extracting(ContainerPort::getContainerPort)
                    .containsExactly(PORTS.get(name), PORTS.get(name) + 1000);
        }
    }

    @Test
    void probesAskTheManagementPort() throws Exception {
        for (Deployment deployment : all(Deployment.class)) {
            Container container = container(deployment);
            Map<String, Probe> probes = Map.of(
                    "/q/health/live", container.getLivenessProbe(),
                    "/q/health/ready", container.getReadinessProbe(),
                    "/q/health/started", container.getStartupProbe());

            probes.forEach((path, probe) -> {
                assertThat(probe.getHttpGet().getPath()).isEqualTo(path);
                assertThat(probe.getHttpGet().getPort().getStrVal()).isEqualTo("management");
            });
            assertThat(container.getLifecycle().getPreStop().getSleep().getSeconds())
                    .isPositive();
        }
    }

    @Test
    void everyPodPassesTheRestrictedPodSecurityStandard() throws Exception {
        for (PodSpec pod : pods()) {
            Container container = pod.getContainers().get(0);
            assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
            assertThat(pod.getSecurityContext().getRunAsUser()).isEqualTo(10001);
            assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
            assertThat(pod.getAutomountServiceAccountToken()).isFalse();
            assertThat(container.getSecurityContext().getAllowPrivilegeEscalation())
                    .isFalse();
            assertThat(container.getSecurityContext().getReadOnlyRootFilesystem())
                    .isTrue();
            assertThat(container.getSecurityContext().getCapabilities().getDrop())
                    .containsExactly("ALL");
            assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
            assertThat(container.getResources().getLimits()).containsKey("memory");
        }
    }

    @Test
    void secretsComeFromTheSecretAndEveryNameIsDocumented() throws Exception {
        String documented = Files.readString(LocalCaretaker.ROOT.resolve("docs/configure.md"));
        Set<String> literals = literals();

        for (EnvVar variable : pods().stream()
                .flatMap(pod -> pod.getContainers().get(0).getEnv().stream())
                .toList()) {
            assertThat(documented).contains("`" + variable.getName() + "`");
            var source = variable.getValueFrom();
            if (variable.getName().matches("DATABASE_URL|SMTP_URL|SMTP_FALLBACKS|.*KEYS?|.*KEY_ID")) {
                assertThat(source.getSecretKeyRef().getName()).isEqualTo("caretaker");
                assertThat(source.getSecretKeyRef().getKey()).isEqualTo(variable.getName());
            } else if (source != null
                    && !Boolean.TRUE.equals(source.getConfigMapKeyRef().getOptional())) {
                assertThat(literals).contains(source.getConfigMapKeyRef().getKey());
            }
        }
        assertThat(rendered)
                .noneMatch(document -> document.path("kind").asText().equals("Secret"));
    }

    /** Alertmanager's posts were each refused: ALERT_EMAIL is email-service's too, and did not reach it. */
    @Test
    void whatTheConfigMapHasReachesEveryServiceThatReadsIt() throws Exception {
        for (Deployment deployment : all(Deployment.class)) {
            String name = deployment.getMetadata().getName();
            String properties =
                    Files.readString(LocalCaretaker.ROOT.resolve(name + "/src/main/resources/application.properties"));

            assertThat(container(deployment).getEnv())
                    .as(name)
                    .extracting(EnvVar::getName)
                    .containsAll(literals().stream()
                            .filter(literal -> properties.contains("${" + literal + ":"))
                            .toList());
        }
    }

    private static Set<String> literals() throws Exception {
        Set<String> literals = new java.util.HashSet<>();
        Manifests.kustomization()
                .path("configMapGenerator")
                .path(0)
                .path("literals")
                .forEach(literal -> literals.add(literal.asText().replaceFirst("=.*", "")));
        return literals;
    }

    @Test
    void everythingIsShutByDefault() throws Exception {
        assertThat(all(NetworkPolicy.class))
                .filteredOn(policy -> policy.getMetadata().getName().equals("caretaker-default-deny"))
                .singleElement()
                .satisfies(policy -> {
                    assertThat(policy.getSpec().getPolicyTypes()).containsExactlyInAnyOrder("Ingress", "Egress");
                    assertThat(policy.getSpec().getIngress()).isEmpty();
                    assertThat(policy.getSpec().getEgress()).isEmpty();
                });
    }

    private static Container container(Deployment deployment) {
        return deployment.getSpec().getTemplate().getSpec().getContainers().get(0);
    }

    private static List<PodSpec> pods() throws Exception {
        return Stream.concat(
                        all(Deployment.class).stream()
                                .map(each -> each.getSpec().getTemplate().getSpec()),
                        all(Job.class).stream()
                                .map(each -> each.getSpec().getTemplate().getSpec()))
                .toList();
    }

    private static Set<String> names(Class<?> kind) {
        return rendered.stream()
                .filter(document -> KINDS.get(document.path("kind").asText()) == kind)
                .map(document -> document.path("metadata").path("name").asText())
                .collect(Collectors.toSet());
    }

    private static <T> List<T> all(Class<T> kind) throws Exception {
        List<T> found = new ArrayList<>();
        for (JsonNode document : rendered) {
            if (KINDS.get(document.path("kind").asText()) == kind) {
                found.add(JSON.treeToValue(document, kind));
            }
        }
        return found;
    }
}
