package io.pgcaretaker.cli.manifests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.pgcaretaker.cli.up.LocalCaretaker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What {@code k8s/base} makes: as {@code kubectl kustomize} renders it, or its files where there is no kubectl. */
final class Manifests {

    static final Path BASE = LocalCaretaker.ROOT.resolve("k8s/base");

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private Manifests() {}

    static List<JsonNode> render() throws IOException, InterruptedException {
        try {
            return render(BASE);
        } catch (NoKubectlException e) {
            return files();
        }
    }

    /** This machine has no kubectl. */
    static final class NoKubectlException extends IOException {
        NoKubectlException(IOException cause) {
            super(cause);
        }
    }

    static List<JsonNode> render(Path folder) throws IOException, InterruptedException {
        Path output = Files.createTempFile("rendered", ".yaml");
        try {
            Process kubectl = start(folder, output);
            if (!kubectl.waitFor(60, TimeUnit.SECONDS) || kubectl.exitValue() != 0) {
                throw new IllegalStateException("kubectl kustomize fails: " + Files.readString(output));
            }
            return documents(output);
        } finally {
            Files.delete(output);
        }
    }

    private static Process start(Path folder, Path output) throws NoKubectlException {
        try {
            return new ProcessBuilder("kubectl", "kustomize", folder.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
        } catch (IOException e) {
            throw new NoKubectlException(e);
        }
    }

    private static List<JsonNode> files() throws IOException {
        List<JsonNode> all = new ArrayList<>();
        for (JsonNode resource : kustomization().path("resources")) {
            all.addAll(documents(BASE.resolve(resource.asText())));
        }
        return all;
    }

    static JsonNode kustomization() throws IOException {
        return documents(BASE.resolve("kustomization.yaml")).get(0);
    }

    static List<JsonNode> documents(Path file) throws IOException {
        try (MappingIterator<JsonNode> documents =
                YAML.readerFor(JsonNode.class).readValues(file.toFile())) {
            return documents.readAll();
        }
    }
}
