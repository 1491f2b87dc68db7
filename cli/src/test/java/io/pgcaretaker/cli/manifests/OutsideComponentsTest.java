package io.pgcaretaker.cli.manifests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.pgcaretaker.cli.up.LocalCaretaker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What links in mails lead to, the way out of digests and the way back of users, is reachable from outside, and nothing else. */
class OutsideComponentsTest {

    private static final Path COMPONENTS = LocalCaretaker.ROOT.resolve("k8s/components");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path overlay;

    private static JsonNode only(String file) throws IOException {
        List<JsonNode> documents = Manifests.documents(COMPONENTS.resolve(file));
        assertThat(documents).hasSize(1);
        return documents.get(0);
    }

    private static <T> T read(String file, Class<T> kind) throws Exception {
        T read = JSON.treeToValue(only(file), kind);
        List<String> unknown = new ArrayList<>();
        UnknownFields.collect(read, file, unknown);
        assertThat(unknown).isEmpty();
        return read;
    }

    @ParameterizedTest
    @CsvSource({"unsubscribe, email-service, /api/email/unsubscribe/", "restore, cleanup-service, /api/cleanup/restore/"
    })
    void ingressNamesOnePathOfOneServiceAndOnlyOverTls(String component, String service, String only) throws Exception {
        Ingress ingress = read(component + "/ingress.yaml", Ingress.class);

        assertThat(ingress.getSpec().getDefaultBackend()).isNull();
        assertThat(ingress.getSpec().getRules()).singleElement().satisfies(rule -> {
            assertThat(rule.getHost()).isNotBlank();
            assertThat(ingress.getSpec().getTls())
                    .singleElement()
                    .satisfies(tls -> assertThat(tls.getHosts()).containsExactly(rule.getHost()));
            assertThat(rule.getHttp().getPaths()).singleElement().satisfies(path -> {
                assertThat(path.getPath()).isEqualTo(only);
                assertThat(path.getPathType()).isEqualTo("Prefix");
                assertThat(path.getBackend().getService().getName()).isEqualTo(service);
                assertThat(path.getBackend().getService().getPort().getName()).isEqualTo("http");
            });
        });
    }

    @ParameterizedTest
    @CsvSource({"unsubscribe, email-service", "restore, cleanup-service"})
    void ingressControllersReachThePublicPortOfThatServiceOnly(String component, String service) throws Exception {
        NetworkPolicy policy = read(component + "/network-policy.yaml", NetworkPolicy.class);

        assertThat(policy.getSpec().getPodSelector().getMatchLabels())
                .isEqualTo(Map.of("app.kubernetes.io/name", service));
        assertThat(policy.getSpec().getPolicyTypes()).containsExactly("Ingress");
        assertThat(policy.getSpec().getIngress()).singleElement().satisfies(rule -> {
            assertThat(rule.getFrom())
                    .singleElement()
                    .satisfies(peer -> assertThat(peer.getNamespaceSelector().getMatchLabels())
                            .isNotEmpty());
            assertThat(rule.getPorts())
                    .singleElement()
                    .satisfies(port -> assertThat(port.getPort().getStrVal()).isEqualTo("http"));
        });
    }

    @Test
    void mailsNameTheHostOfTheIngress() throws Exception {
        Ingress ingress = read("unsubscribe/ingress.yaml", Ingress.class);
        JsonNode variable = only("unsubscribe/email-service.yaml").at("/spec/template/spec/containers/0/env/0");

        assertThat(variable.path("name").asText()).isEqualTo("EMAIL_PUBLIC_URL");
        assertThat(variable.path("value").asText())
                .isEqualTo("https://" + ingress.getSpec().getRules().get(0).getHost());
    }

    @Test
    void overlayTakesThemInBesideTheBase() throws Exception {
        Path real = overlay.toRealPath();
        Files.writeString(real.resolve("kustomization.yaml"), """
                apiVersion: kustomize.config.k8s.io/v1beta1
                kind: Kustomization
                resources: [%1$s]
                components: [%2$s/unsubscribe, %2$s/restore]
                """.formatted(
                        real.relativize(Manifests.BASE.toRealPath()), real.relativize(COMPONENTS.toRealPath())));
        List<JsonNode> rendered = List.of();
        try {
            rendered = Manifests.render(real);
        } catch (Manifests.NoKubectlException e) {
            assumeTrue(false, "kubectl is not installed");
        }

        assertThat(rendered)
                .extracting(document -> document.path("kind").asText() + " "
                        + document.at("/metadata/name").asText())
                .contains(
                        "Ingress caretaker-unsubscribe",
                        "NetworkPolicy caretaker-unsubscribe",
                        "Ingress caretaker-restore",
                        "NetworkPolicy caretaker-restore",
                        "Deployment email-service");
        assertThat(rendered.stream()
                        .filter(document -> document.path("kind").asText().equals("Deployment"))
                        .filter(document -> document.toString().contains("EMAIL_PUBLIC_URL"))
                        .map(document -> document.at("/metadata/name").asText()))
                .containsExactly("email-service");
    }
}
