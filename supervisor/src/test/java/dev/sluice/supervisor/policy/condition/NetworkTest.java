package dev.sluice.supervisor.policy.condition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.supervisor.target.Text;
import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which addresses lie in a network.
class NetworkTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8,          10.0.0.0,         true",
    "10.0.0.0/8,          10.255.255.255,   true",
    "10.0.0.0/8,          11.0.0.0,         false",
    "10.0.0.0/8,          9.255.255.255,    false",
    "172.16.0.0/12,       172.31.255.255,   true",
    "172.16.0.0/12,       172.32.0.0,       false",
    "192.0.2.128/25,      192.0.2.128,      true",
    "192.0.2.128/25,      192.0.2.127,      false",
    "192.0.2.7,           192.0.2.7,        true",
    "192.0.2.7,           192.0.2.6,        false",
    "0.0.0.0/0,           203.0.113.1,      true",
    "0.0.0.0/0,           2001:db8::1,      false",
    "::1,                 ::1,              true",
    "::1,                 ::2,              false",
    "fd00::/8,            fd12:3456::1,     true",
    "fd00::/8,            fe80::1,          false",
    "2001:db8::/33,       2001:db8:7fff::1, true",
    "2001:db8::/33,       2001:db8:8000::1, false",
    "::/0,                10.0.0.1,         false",
    "::ffff:10.0.0.0/104, 10.1.2.3,         true"
  })
  void holdsTheAddressesThatBeginWithItsBits(String network, String address, boolean expected) {
    var bytes = new Text();
    bytes.set(InetAddress.ofLiteral(address).getAddress());

    assertThat(Network.parse(network).contains(bytes)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "localhost",
    "10.0.0",
    "10.0.0.0/",
    "10.0.0.256",
    "1:2:3",
    "fe80::1%eth0",
    "''",
    "10"
  })
  void whatIsNoneIsRefused(String text) {
    assertThatThrownBy(() -> Network.parse(text))
        .hasMessage(
            "'"
                + text
                + "' is no network or address; these are: 10.0.0.0/8, 192.0.2.7, fd00::/8, ::1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          10.0.0.0/33          | '10.0.0.0/33': a prefix of this family has 0 to 32 bits
          ::1/129              | '::1/129': a prefix of this family has 0 to 128 bits
          ::ffff:10.0.0.0/8    | '::ffff:10.0.0.0/8': a prefix of this family has 96 to 128 bits
          10.0.0.1/8           | '10.0.0.1/8' has bits beyond its prefix; did you mean '10.0.0.0/8'?
          fd00::1/8            | 'fd00::1/8' has bits beyond its prefix; did you mean 'fd00::/8'?
          """)
  void aPrefixThatCannotBeIsRefused(String text, String message) {
    assertThatThrownBy(() -> Network.parse(text)).hasMessage(message);
  }
}
