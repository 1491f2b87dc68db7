package io.pgcaretaker.email.template;

import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;

import io.pgcaretaker.email.Api;
import io.pgcaretaker.email.smtp.ScriptedNeighbours;
import io.pgcaretaker.testing.ServiceTest;
import io.restassured.response.ValidatableResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The templates of {@code src/test/mounted}. */
@ServiceTest(ScriptedNeighbours.class)
class MountedTemplatesIT {

    private static ValidatableResponse preview(String name, Map<String, ?> variables) {
        return Api.post("/api/email/templates/" + name + "/preview", variables)
                .then()
                .statusCode(200);
    }

    @Test
    void mountedTemplateTakesTheBuiltInOnesPlaceAndEscapes() {
        preview(
                        "run-report",
                        Map.of(
                                "policy", "<b>old",
                                "runId", "run-1",
                                "mode", "enforce",
                                "state", "completed",
                                "cutoff", "2026-03-01T12:00:00Z",
                                "startedAt", "2026-03-01T12:00:00Z",
                                "finishedAt", "2026-03-01T12:00:00Z",
                                "rowsMatched", 1,
                                "rowsDeleted", 1,
                                "tables", List.of()))
                .body("html", allOf(containsString("<p>Hi &lt;b&gt;old</p>"), containsString("viewport")))
                .body("text", containsString("Clean-up <b>old: completed"));
        preview("test", Map.of("message", "hi")).body("subject", is("S hi")).body("text", containsString("hi"));
    }
}
