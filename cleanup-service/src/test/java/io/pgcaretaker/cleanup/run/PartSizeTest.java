package io.pgcaretaker.cleanup.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PartSizeTest {

    private final PartSize size = new PartSize(Duration.ofMillis(100));

    @Test
    void aPartLastsAboutAsLongAsABatchShould() {
        assertThat(size.begin()).isEqualTo(10_000);
        size.ended(Duration.ofSeconds(1));
        assertThat(size.begin()).isEqualTo(1_000);
        size.ended(Duration.ofMillis(50));
        assertThat(size.begin()).as("grows slowly").isEqualTo(1_500);
        size.ended(Duration.ofMillis(100));
        assertThat(size.begin()).isEqualTo(1_500);
    }

    @Test
    void whatDidNotComeToItsEndIsTriedWithHalfOfIt() {
        size.begin();
        assertThat(size.begin()).isEqualTo(5_000);
        for (int attempt = 0; attempt < 10; attempt++) {
            size.begin();
        }
        assertThat(size.begin()).isEqualTo(50);
        size.ended(Duration.ofMillis(100));
        assertThat(size.begin()).isEqualTo(50);
    }
}
