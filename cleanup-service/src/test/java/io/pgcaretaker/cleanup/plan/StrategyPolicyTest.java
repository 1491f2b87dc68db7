package io.pgcaretaker.cleanup.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgcaretaker.cleanup.plan.StrategyPolicy.Blocks;
import io.pgcaretaker.cleanup.plan.StrategyPolicy.Choice;
import io.pgcaretaker.cleanup.plan.StrategyPolicy.Shape;
import org.junit.jupiter.api.Test;

class StrategyPolicyTest {

    private static final long ROWS = 5_000_000;
    private static final long BLOCKS = 80_000;

    private static Choice choose(long matched, Double correlation) {
        return StrategyPolicy.choose(new Shape(BLOCKS, ROWS, correlation, 180_000, null), matched, false);
    }

    @Test
    void halfOfTheTableGoesBlockByBlock() {
        assertThat(choose(ROWS / 2, 0.1).strategy()).isEqualTo(Strategy.BLOCK_RANGES);
    }

    @Test
    void whatIsNotAnalyzedCountsAsScattered() {
        Choice choice = choose(ROWS / 2, null);

        assertThat(choice.strategy()).isEqualTo(Strategy.BLOCK_RANGES);
        assertThat(choice.reason()).contains("not analyzed");
    }

    @Test
    void aSmallShareSideBySideGoesByItsIndex() {
        Choice choice = choose(ROWS / 50, 0.99);

        assertThat(choice.strategy()).isEqualTo(Strategy.KEYSET);
        assertThat(choice.reason()).contains("100000 of 5000000 rows in 80000 blocks", "correlation 0.99");
    }

    @Test
    void aSmallShareInFewBlocksGoesByThose() {
        Choice choice =
                StrategyPolicy.choose(new Shape(BLOCKS, ROWS, 0.99, 180_000, new Blocks(100, 1_800)), ROWS / 50, false);

        assertThat(choice.strategy()).isEqualTo(Strategy.BLOCK_RANGES);
        assertThat(choice.blocks()).isEqualTo(new Blocks(100, 1_800));
        assertThat(choice.reason()).contains("the 1700 from the oldest to the newest of them");
    }

    @Test
    void oneThatMovedToTheEndLeavesASmallShareToItsIndex() {
        Choice choice = StrategyPolicy.choose(
                new Shape(BLOCKS, ROWS, 0.99, 180_000, new Blocks(100, BLOCKS)), ROWS / 50, false);

        assertThat(choice.strategy()).isEqualTo(Strategy.KEYSET);
    }

    @Test
    void aFewRowsGoByTheirIndexHoweverScattered() {
        assertThat(choose(1_000, 0.0).strategy()).isEqualTo(Strategy.KEYSET);
    }

    @Test
    void thirteenCannotReadARangeOfBlocks() {
        Choice choice = StrategyPolicy.choose(new Shape(BLOCKS, ROWS, 0.1, 130_014, null), ROWS / 2, false);

        assertThat(choice.strategy()).isEqualTo(Strategy.KEYSET);
        assertThat(choice.reason()).contains("PostgreSQL 13");
    }

    @Test
    void rowsWithDependentsAreCountedInRows() {
        assertThat(StrategyPolicy.choose(new Shape(BLOCKS, ROWS, 0.1, 180_000, null), ROWS / 2, true)
                        .strategy())
                .isEqualTo(Strategy.KEYSET);
    }
}
