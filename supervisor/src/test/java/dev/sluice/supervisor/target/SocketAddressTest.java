package dev.sluice.supervisor.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.supervisor.target.SocketAddress.Use;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the bytes of an address mean, to the kernel and so to a policy.
class SocketAddressTest {
  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private static SocketAddress of(byte[] bytes, Use use) {
    var address = new SocketAddress();
    address.set(bytes, use);
    return address;
  }

  private static String describe(SocketAddress address) {
    return address.family()
        + " "
        + (address.ip().isEmpty() ? "-" : address.ip())
        + " "
        + address.port();
  }

  @ParameterizedTest
  @CsvSource({
    "0200 0050 0a000001 0000000000000000,                            inet 10.0.0.1 80",
    "0200 ffff ffffffff 0000000000000000,                            inet 255.255.255.255 65535",
    "0200 0050 00000000 0000000000000000,                            inet 127.0.0.1 80",
    "0a00 01bb 00000000 20010db8000000000000000000000001 00000000,   inet6 2001:db8::1 443",
    "0a00 01bb 00000000 20010db8000000000000000000000001,            inet6 2001:db8::1 443",
    "0a00 01bb 00000000 20010db8000100000000000000010001 00000000,   inet6 2001:db8:1::1:1 443",
    "0a00 01bb 00000000 20010000000100020003000400050006 00000000,   inet6 2001:0:1:2:3:4:5:6 443",
    "0a00 01bb 00000000 00010000000000000000000000000000 00000000,   inet6 1:: 443",
    "0a00 01bb 00000000 00000000000000000000000000000000 00000000,   inet6 ::1 443",
    "0a00 01bb 00000000 00000000000000000000ffff0a000001 00000000,   inet 10.0.0.1 443",
    "0a00 01bb 00000000 00000000000000000000ffff00000000 00000000,   inet 127.0.0.1 443",
    "0000,                                                           unspec - -1",
    "1000 0000 01000000 00000000,                                    netlink - -1",
    "2800 0000 ffffffff 02000000 00000000,                           vsock - 4294967295",
    "1100 0000,                                                      packet - -1",
    "6300 0000,                                                      other - -1"
  })
  void toConnectToItIsWhatTheKernelMakesOfIt(String hex, String expected) {
    assertThat(describe(of(bytes(hex), Use.CONNECT))).isEqualTo(expected);
  }

  @Test
  void toBindToAnyAddressIsNotToBindToThisMachine() {
    byte[] any = bytes("0200 0050 00000000 0000000000000000");
    byte[] any6 = bytes("0a00 0050 00000000 00000000000000000000000000000000 00000000");

    assertThat(describe(of(any, Use.BIND))).isEqualTo("inet 0.0.0.0 80");
    assertThat(describe(of(any6, Use.BIND))).isEqualTo("inet6 :: 80");
  }

  @Test
  void whatIsPerformedIsWhatWasDecidedOn() {
    var address = of(bytes("0200 0050 00000000 0000000000000000"), Use.SEND);
    byte[] raw = new byte[address.length()];
    address.raw().get(0, raw, 0, raw.length);

    assertThat(raw).isEqualTo(bytes("0200 0050 7f000001 0000000000000000"));
  }

  @ParameterizedTest
  @CsvSource({
    "CONNECT, '',                                    EINVAL",
    "CONNECT, 02,                                    EINVAL",
    "SEND,    02,                                    EINVAL",
    "BIND,    '',                                    EINVAL",
    "CONNECT, 0200 0050 0a000001 00000000000000,     EINVAL",
    "CONNECT, 0a00 0050 00000000 0000000000000000000000000000, EINVAL",
    "CONNECT, 2800 0000 ffffffff,                    EINVAL",
    "SEND,    0000 0050 0a000001 0000000000000000,   EAFNOSUPPORT",
    "BIND,    0000 0050 00000000 0000000000000000,   EAFNOSUPPORT"
  })
  void whatTheKernelRefusesIsRefused(Use use, String hex, String errno) {
    assertThatThrownBy(() -> of(bytes(hex), use)).isInstanceOf(Abort.class).hasMessage(errno);
  }

  @Test
  void moreThanTheKernelTakesIsRefused() {
    assertThatThrownBy(() -> of(new byte[129], Use.SEND)).hasMessage("EINVAL");
    assertThatThrownBy(() -> of(unix("p".repeat(109)), Use.CONNECT)).hasMessage("EINVAL");
  }

  @Test
  void aSendMayHaveNone() {
    var address = of(new byte[0], Use.SEND);

    assertThat(address.isGiven()).isFalse();
    assertThat(describe(address)).isEqualTo(" - -1");
  }

  private static byte[] unix(String path) {
    byte[] bytes = ("\1\0" + path).getBytes(StandardCharsets.ISO_8859_1);
    return bytes;
  }

  @Test
  void aUnixPathEndsAtItsNulOrWithTheAddress() {
    assertThat(of(unix("/run/s\0garbage"), Use.CONNECT).path()).hasToString("/run/s");
    assertThat(of(unix("/run/s"), Use.CONNECT).path()).hasToString("/run/s");
    String longest = "/" + "p".repeat(107);
    assertThat(of(unix(longest), Use.CONNECT).path()).hasToString(longest);
    assertThat(of(unix("/run/s"), Use.CONNECT).isFile()).isTrue();
  }

  @Test
  void anAbstractNameIsAllBytesBehindTheNul() {
    var address = of(unix("\0name\0more"), Use.CONNECT);

    assertThat(address.path()).hasToString("@name\0more");
    assertThat(address.isFile()).isFalse();
  }

  @Test
  void aFileWhoseNameBeginsLikeAnAbstractOneIsAFile() {
    assertThat(of(unix("@name"), Use.CONNECT).isFile()).isTrue();
  }

  @Test
  void anUnnamedAddressHasNoPath() {
    assertThat(of(unix(""), Use.BIND).path().isEmpty()).isTrue();
  }

  @Test
  void nothingIsLeftOfTheAddressBefore() {
    var address = of(unix("/run/s"), Use.CONNECT);
    address.set(bytes("0200 0050 0a000001 0000000000000000"), Use.CONNECT);
    assertThat(address.path().isEmpty()).isTrue();
    assertThat(address.isFile()).isFalse();
    address.set(Arrays.copyOf(unix(""), 2), Use.BIND);
    assertThat(describe(address)).isEqualTo("unix - -1");
  }
}
