package io.pgcaretaker.cleanup.removal;

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
        assertThat(size.begin().rows()).as("the dear one counts still").isEqualTo(1_250);
        size.ended(Duration.ofMillis(10), false);
        size.ended(Duration.ofMillis(10), false);
        assertThat(size.begin().rows()).as("grows slowly").isEqualTo(1_953);
        size.ended(Duration.ofMillis(195), false);
        assertThat(size.begin()).isEqualTo(new PartSize.Part(1_002, false));
    }

    /** Ten thousand at once were half a second on a busy machine. */
    @Test
    void severalRowsTakeNoMoreThanFitsIntoTwiceTheTime() {
        assertThat(size.several().rows()).isEqualTo(1_000);
        size.severalEnded(Duration.ofMillis(1), 10);
        assertThat(size.several().rows()).as("few say nothing about many").isEqualTo(1_000);
        size.severalEnded(Duration.ofMillis(50), 1_000);
        assertThat(size.several().rows()).as("grows slowly").isEqualTo(1_500);
        size.severalEnded(Duration.ofMillis(300), 3_000);
        assertThat(size.several().rows()).isEqualTo(2_000);
        for (int attempt = 0; attempt < 10; attempt++) {
            size.severalEnded(Duration.ofMillis(50), 10_000);
        }
        assertThat(size.several().rows()).isEqualTo(10_000);
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
