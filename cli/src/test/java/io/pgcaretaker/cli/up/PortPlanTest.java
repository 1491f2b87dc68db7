package io.pgcaretaker.cli.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PortPlanTest {

    private static final Set<Port> ALL = EnumSet.allOf(Port.class);

    @Test
    void everybodyGetsThePreferredPortWhenItIsFree() {
        PortPlan plan = PortPlan.choose(ALL, OptionalInt.empty(), port -> true);

        assertThat(plan.ports()).allSatisfy((port, number) -> assertThat(number).isEqualTo(port.preferred()));
        assertThat(plan.moved()).isEmpty();
    }

    @Test
    void aTakenPortIsNamedAndTheNextOneThatNobodyPrefersIsUsed() {
        PortPlan plan = PortPlan.choose(ALL, OptionalInt.empty(), port -> port != 8081 && port != 8084);

        assertThat(plan.of(Port.MONITORING)).isEqualTo(8085);
        assertThat(plan.of(Port.CLEANUP)).isEqualTo(8082);
        assertThat(plan.moved()).containsExactly("8081 is taken, monitoring-service uses 8085");
    }

    @Test
    void twoThatMoveDoNotMeet() {
        PortPlan plan = PortPlan.choose(ALL, OptionalInt.empty(), port -> port != 8081 && port != 8082);

        assertThat(plan.of(Port.MONITORING)).isEqualTo(8084);
        assertThat(plan.of(Port.CLEANUP)).isEqualTo(8085);
    }

    @Test
    void portsFromOneNumberUpwardsAreAllDifferent() {
        PortPlan plan = PortPlan.choose(ALL, OptionalInt.of(21_000), port -> port % 2 == 0);

        assertThat(plan.ports().values()).doesNotHaveDuplicates().allMatch(port -> port >= 21_000 && port % 2 == 0);
    }
}
