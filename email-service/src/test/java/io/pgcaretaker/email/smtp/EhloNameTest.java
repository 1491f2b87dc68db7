package io.pgcaretaker.email.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EhloNameTest {

    @ParameterizedTest
    @CsvSource({
        "mail.example.com, 10.42.0.17, mail.example.com",
        "email-service-7d9c8b6f9-x2x4z, 10.42.0.17, email-service-7d9c8b6f9-x2x4z",
        "10.42.0.17, 10.42.0.17, [10.42.0.17]",
        "fd00:0:0:0:0:0:0:11, fd00:0:0:0:0:0:0:11, [IPv6:fd00:0:0:0:0:0:0:11]",
        "fe80:0:0:0:0:0:0:11%eth0, fe80:0:0:0:0:0:0:11%eth0, [IPv6:fe80:0:0:0:0:0:0:11]",
        "my_machine, 10.0.0.5, [10.0.0.5]",
        "-x, 10.0.0.5, [10.0.0.5]"
    })
    void whatIsNoNameIsTheAddressInBrackets(String name, String address, String said) {
        assertThat(EhloName.of(name, address)).isEqualTo(said);
    }

    @Test
    void whatIsConfiguredIsSaid() {
        assertThat(new EhloName(Optional.of("mail.example.com")).text()).isEqualTo("mail.example.com");
        assertThat(new EhloName(Optional.empty()).text()).isNotBlank();
    }
}
