package io.pgcaretaker.email.address;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MailAddressTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a@x.test                     |                | a@x.test
            <a@x.test>                   |                | a@x.test
            Ann <a@x.test>               | Ann            | a@x.test
            "Ann, \\"A\\"" <a@x.test>    | Ann, "A"       | a@x.test
            Jürgen 🎉 <j+tag@x.test>     | Jürgen 🎉      | j+tag@x.test
            a@bücher.test                |                | a@xn--bcher-kva.test
            root@localhost               |                | root@localhost
            """)
    void readsWhatPeopleWrite(String text, String name, String address) {
        MailAddress parsed = MailAddress.parse(text);

        assertThat(parsed.name()).isEqualTo(name == null ? "" : name);
        assertThat(parsed.address()).isEqualTo(address);
        assertThat(MailAddress.parse(parsed.display())).isEqualTo(parsed);
    }

    @Test
    void logsShowNobody() {
        assertThat(MailAddress.parse("Ann <ann@x.test>").toString())
                .doesNotContain("ann")
                .doesNotContain("Ann");
    }
}
