package io.pgcaretaker.email.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TokenBucketsTest {

    private final AtomicLong nanos = new AtomicLong();
    private final TokenBuckets buckets = new TokenBuckets(key -> key.equals("slow") ? 2 : 100, nanos::get);

    @Test
    void takesAsManyAsTheLimitAndSaysHowManyAreLeft() {
        assertThat(buckets.take("slow")).isEqualTo(new TokenBuckets.Allowance(true, 2, 1, 1));
        assertThat(buckets.take("slow")).isEqualTo(new TokenBuckets.Allowance(true, 2, 0, 1));
        assertThat(buckets.take("slow")).isEqualTo(new TokenBuckets.Allowance(false, 2, 0, 1));
    }

    @Test
    void fillsAgainWithinASecondAndNotFurther() {
        buckets.take("slow");
        buckets.take("slow");
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(500));
        assertThat(buckets.take("slow").taken()).isTrue();
        assertThat(buckets.take("slow").taken()).isFalse();

        nanos.addAndGet(TimeUnit.HOURS.toNanos(1));

        assertThat(buckets.take("slow").remaining()).isEqualTo(1);
    }

    @Test
    void oneKeysHasteIsNotAnothers() {
        for (int i = 0; i < 5; i++) {
            buckets.take("slow");
        }

        assertThat(buckets.take("other")).isEqualTo(new TokenBuckets.Allowance(true, 100, 99, 1));
    }

    @Test
    void clockReadInTheOtherOrderGivesNothingAway() {
        nanos.set(TimeUnit.SECONDS.toNanos(10));
        buckets.take("slow");
        buckets.take("slow");
        nanos.set(TimeUnit.SECONDS.toNanos(9));

        assertThat(buckets.take("slow").taken()).isFalse();
    }
}
