package io.pgcaretaker.cleanup.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.policy.Condition.Is;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a filter lets more rows go than another one. */
class ConditionTest {

    private static final Condition DONE = new Condition("done", Is.TRUE, List.of());
    private static final Condition ONE = new Condition("kind", null, List.of("a"));
    private static final Condition TWO = new Condition("kind", null, List.of("a", "b"));
    private static final Condition SET = new Condition("kind", Is.NOT_NULL, List.of());
    private static final Condition NULL = new Condition("kind", Is.NULL, List.of());

    @Test
    void aConditionThatIsGoneOrTakesMoreWidensAFilter() {
        assertThat(Condition.isWider(List.of(), List.of(DONE))).isTrue();
        assertThat(Condition.isWider(List.of(DONE), List.of(DONE, ONE))).isTrue();
        assertThat(Condition.isWider(List.of(TWO), List.of(ONE))).isTrue();
        assertThat(Condition.isWider(List.of(SET), List.of(ONE))).isTrue();
        assertThat(Condition.isWider(List.of(NULL), List.of(SET))).isTrue();
        assertThat(Condition.isWider(List.of(NULL), List.of(ONE))).isTrue();
        assertThat(Condition.isWider(List.of(new Condition("other", Is.TRUE, List.of())), List.of(DONE)))
                .isTrue();
    }

    @Test
    void whatIsTheSameOrTakesLessDoesNot() {
        assertThat(Condition.isWider(List.of(), List.of())).isFalse();
        assertThat(Condition.isWider(List.of(ONE, DONE), List.of(DONE, ONE))).isFalse();
        assertThat(Condition.isWider(List.of(DONE, ONE), List.of(DONE))).isFalse();
        assertThat(Condition.isWider(List.of(ONE), List.of(TWO))).isFalse();
        assertThat(Condition.isWider(List.of(TWO), List.of(SET))).isFalse();
        assertThat(Condition.isWider(List.of(DONE), List.of(new Condition("done", Is.NOT_NULL, List.of()))))
                .isFalse();
    }
}
