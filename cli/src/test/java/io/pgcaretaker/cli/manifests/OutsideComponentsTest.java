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

/** The way out of digests is reachable from outside, and nothing else. */
class UnsubscribeComponentTest {

    private static final Path FOLDER = LocalCaretaker.ROOT.resolve("k8s/components/unsubscribe");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path overlay;

    private static JsonNode only(String file) throws IOException {
        List<JsonNode> documents = Manifests.documents(FOLDER.resolve(file));
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

    @Test
    void ingressNamesOnePathOfOneServiceAndOnlyOverTls() throws Exception {
        Ingress ingress = read("ingress.yaml", Ingress.class);

        assertThat(ingress.getSpec().getDefaultBackend()).isNull();
        assertThat(ingress.getSpec().getRules()).singleElement().satisfies(rule -> {
            assertThat(rule.getHost()).isNotBlank();
            assertThat(ingress.getSpec().getTls())
                    .singleElement()
                    .satisfies(tls -> assertThat(tls.getHosts()).containsExactly(rule.getHost()));
            assertThat(rule.getHttp().getPaths()).singleElement().satisfies(path -> {
                assertThat(path.getPath()).isEqualTo("/api/email/unsubscribe/");
                assertThat(path.getPathType()).isEqualTo("Prefix");
                assertThat(path.getBackend().getService().getName()).isEqualTo("email-service");
                assertThat(path.getBackend().getService().getPort().getName()).isEqualTo("http");
            });
        });
    }

    @Test
    void ingressControllersReachThePublicPortOfEmailServiceOnly() throws Exception {
        NetworkPolicy policy = read("network-policy.yaml", NetworkPolicy.class);

        assertThat(policy.getSpec().getPodSelector().getMatchLabels())
                .isEqualTo(Map.of("app.kubernetes.io/name", "email-service"));
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
        Ingress ingress = read("ingress.yaml", Ingress.class);
        JsonNode variable = only("email-service.yaml").at("/spec/template/spec/containers/0/env/0");

        assertThat(variable.path("name").asText()).isEqualTo("EMAIL_PUBLIC_URL");
        assertThat(variable.path("value").asText())
                .isEqualTo("https://" + ingress.getSpec().getRules().get(0).getHost());
    }

    @Test
    void overlayTakesItInBesideTheBase() throws Exception {
        Path real = overlay.toRealPath();
        Files.writeString(real.resolve("kustomization.yaml"), """
                apiVersion: kustomize.config.k8s.io/v1beta1
                kind: Kustomization
                resources: [%s]
                components: [%s]
                """.formatted(
                        real.relativize(Manifests.BASE.toRealPath()), real.relativize(FOLDER.toRealPath())));
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
                        "Deployment email-service");
        assertThat(rendered.stream()
                        .filter(document -> document.path("kind").asText().equals("Deployment"))
                        .filter(document -> document.toString().contains("EMAIL_PUBLIC_URL"))
                        .map(document -> document.at("/metadata/name").asText()))
                .containsExactly("email-service");
    }
}
