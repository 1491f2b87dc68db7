package io.pgcaretaker.cleanup.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PartSizeTest {

    private final PartSize size = new PartSize(Duration.ofMillis(100));

    @Test
    void aPartLastsAboutAsLongAsABatchShould() {
        assertThat(size.begin()).isEqualTo(new PartSize.Part(2_500, false));
        size.ended(Duration.ofMillis(250), false);
        assertThat(size.begin().rows()).isEqualTo(1_000);
        size.ended(Duration.ofMillis(50), false);
        assertThat(size.begin().rows()).as("grows slowly").isEqualTo(1_500);
        size.ended(Duration.ofMillis(100), false);
        assertThat(size.begin()).isEqualTo(new PartSize.Part(1_500, false));
    }

    @Test
    void whatDidNotComeToItsEndIsTriedWithFewerUntilTheRowHasGone() {
        size.begin();
        assertThat(size.begin()).isEqualTo(new PartSize.Part(625, true));
        for (int attempt = 0; attempt < 10; attempt++) {
            size.begin();
        }
        assertThat(size.begin().rows()).isEqualTo(50);
        size.ended(Duration.ofMillis(100), false);
        assertThat(size.begin()).isEqualTo(new PartSize.Part(50, true));
        size.ended(Duration.ofMillis(100), true);
        assertThat(size.begin()).isEqualTo(new PartSize.Part(50, false));
    }
}
