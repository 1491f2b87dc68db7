package io.pgcaretaker.cleanup.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.pgcaretaker.cleanup.CleanupDbTest;
import io.pgcaretaker.cleanup.TestPolicy;
import io.pgcaretaker.cleanup.engine.TestWorker;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables that a policy names as those whose rows go with its own. */
class ListedDependentsDbTest extends CleanupDbTest {

    @BeforeEach
    void makePeople() {
        database.execute("""
                create table people (id int primary key, at timestamptz);
                create index on people (at, id);
                create table notes (owner int);
                create index on notes (owner);
                """);
    }

    private Readiness check(String listed) {
        return new TestWorker(
                        database,
                        TestPolicy.of("old-people", "people", "P7D")
                                .with("dependents", listed)
                                .settings())
                .check("old-people");
    }

    /** Where no foreign key leads there any more, their rows would stay behind, for nobody to see. */
    @ParameterizedTest
    @ValueSource(strings = {"[notes]", "[public.notes]"})
    void oneOfWhichNoRowGoesIsBlocked(String listed) {
        assertThat(check(listed).reasons())
                .singleElement()
                .asString()
                .startsWith("dependents names " + listed.replaceAll("[\\[\\]]", "")
                        + ", of which no row goes with a row of public.people");

        database.execute("alter table notes add foreign key (owner) references people");

        assertThat(check(listed)).isInstanceOf(Readiness.Armed.class);
    }

    @Test
    void aKeyThatIsNotEnforcedTakesNothingAlong() {
        assumeThat(serverVersion()).isGreaterThanOrEqualTo(180_000);
        database.execute("alter table notes add foreign key (owner) references people on delete cascade not enforced");

        assertThat(check("[notes]").reasons())
                .singleElement()
                .asString()
                .contains("no foreign key leads there that is enforced");
    }

    /** One file may serve many applications. */
    @Test
    void aTableThatIsNotThereIsInNobodysWay() {
        assertThat(check("[letters, shop.letters]")).isInstanceOf(Readiness.Armed.class);
    }
}
