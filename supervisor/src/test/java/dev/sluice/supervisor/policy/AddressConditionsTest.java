package dev.sluice.supervisor.policy;

import static dev.sluice.supervisor.policy.Policies.answer;
import static dev.sluice.supervisor.policy.Policies.compile;
import static dev.sluice.supervisor.policy.Policies.complaintsAbout;
import static dev.sluice.supervisor.policy.Policies.decide;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Calls;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Rules about addresses of sockets.
class AddressConditionsTest {
  private static final Arch ARCH = Arch.X86_64;
  private static final String HEAD = "sluice: v1\nname: p\narchitectures: [x86_64]\nrules:\n";
  private static final String LOCAL =
      HEAD
          + "- {on: '@connect', deny: ENETUNREACH,\n"
          + "   when: '!(address.in(\"127.0.0.0/8\", \"::1\") || address.family == \"unix\")'}\n";

  private static final String INET = "0200 0050 %s 0000000000000000";
  private static final String LOOPBACK = INET.formatted("7f000001");
  private static final String ELSEWHERE = INET.formatted("0a000001");

  private static Call call(String name, String sockaddr) {
    Call call = Calls.of(ARCH, name, 3, 0x1000, 16, 0, 0x2000, 16);
    Calls.giveAddress(call, HexFormat.of().parseHex(sockaddr.replace(" ", "")));
    return call;
  }

  private static String denying(String calls, String when) {
    return HEAD + "- {on: " + calls + ", deny: EIO, when: '" + when + "'}\n";
  }

  private static boolean isDenied(String when, String sockaddr) {
    var policy = compile(denying("bind", when));
    return decide(policy, call("bind", sockaddr)).verdict() instanceof Verdict.Fail;
  }

  @ParameterizedTest
  @CsvSource({"connect", "sendto", "sendmsg", "sendmmsg"})
  void aRuleOnAnAddressHoldsForEveryCallOfTheFamily(String name) {
    var policy = compile(LOCAL);

    assertThat(decide(policy, call(name, ELSEWHERE)).verdict()).isInstanceOf(Verdict.Fail.class);
    assertThat(decide(policy, call(name, LOOPBACK)).verdict()).isEqualTo(Verdict.CONTINUE);
    assertThat(decide(policy, call(name, "0100 2f61")).verdict()).isEqualTo(Verdict.CONTINUE);
  }

  @Test
  void aSendWithoutAnAddressPassesSuchARule() {
    var policy = compile(LOCAL);

    assertThat(decide(policy, call("sendmsg", "")).verdict()).isEqualTo(Verdict.CONTINUE);
    assertThat(answer(policy, ARCH, "sendto", 3, 0x1000, 5, 0, 0, 0)).isEqualTo(Seccomp.RET_ALLOW);
    assertThat(answer(policy, ARCH, "sendto", 3, 0x1000, 5, 0, 0x2000, 16))
        .isEqualTo(Seccomp.RET_USER_NOTIF);
    assertThat(answer(policy, ARCH, "sendto", 3, 0x1000, 5, 0, 1L << 32, 16))
        .as("a pointer has 64 bits")
        .isEqualTo(Seccomp.RET_USER_NOTIF);
    assertThat(answer(policy, ARCH, "sendmsg", 3, 0x1000, 0)).isEqualTo(Seccomp.RET_USER_NOTIF);
  }

  @ParameterizedTest
  @CsvSource({
    "socket,     2 1 132,  93", // EPROTONOSUPPORT
    "socket,     2 5 0,    93",
    "socket,     10 2053 0, 93",
    "socket,     2 1 0,    0",
    "socket,     1 5 0,    0",
    "socket,     17 3 768, 1", // EPERM
    "socket,     17 2050 0, 1",
    "socket,     44 3 0,   1",
    "socket,     2 10 768, 1",
    "socket,     2 3 255,  1",
    "socket,     10 524291 255, 1",
    "socket,     2 3 1,    0",
    "socket,     16 3 15,  0",
    "setsockopt, 3 0 4,    1", // EPERM
    "setsockopt, 3 0 2,    0",
    "setsockopt, 3 1 4,    0",
    "setsockopt, 3 41 57,  1",
    "setsockopt, 3 41 6,   1",
    "setsockopt, 3 41 32,  1",
    "setsockopt, 3 41 59,  0",
    "setsockopt, 3 0 57,   0",
    "setsockopt, 3 0 3,    1",
    "setsockopt, 3 41 36,  1",
    "setsockopt, 3 255 36, 1",
    "setsockopt, 3 255 1,  0",
    "setsockopt, 3 1 3,    0"
  })
  void waysToAnAddressByOtherCallsAreClosed(String call, String args, int errno) {
    long[] registers = Arrays.stream(args.split(" ", -1)).mapToLong(Long::parseLong).toArray();
    int expected = errno == 0 ? Seccomp.RET_ALLOW : Seccomp.RET_ERRNO | errno;

    assertThat(answer(compile(LOCAL), ARCH, call, registers)).isEqualTo(expected);
    assertThat(answer(compile(denying("\"@open\"", "path == \"/x\"")), ARCH, call, registers))
        .as("where no address decides")
        .isEqualTo(Seccomp.RET_ALLOW);
  }

  @Test
  void socketcallOfI386IsClosedWhereItWouldReachAnAddress() {
    var policy = compile(LOCAL.replace("[x86_64]", "[x86_64, i386]"));
    int closed = Seccomp.RET_ERRNO | 38; // ENOSYS

    for (int number : new int[] {1, 2, 3, 11, 14, 16, 20}) {
      assertThat(answer(policy, Arch.I386, "socketcall", number))
          .as("%d", number)
          .isEqualTo(closed);
    }
    assertThat(answer(policy, Arch.I386, "socketcall", 4)).isEqualTo(Seccomp.RET_ALLOW);
    assertThat(answer(policy, Arch.I386, "connect", 3, 0x1000, 16))
        .isEqualTo(Seccomp.RET_USER_NOTIF);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          address.port == 80                                   | true
          address.port in [443, 8080]                          | false
          address.port == -1                                   | false
          address.port < 1024 && address.family == "inet"      | true
          address.ip == "10.0.0.1"                             | true
          address.ip.startsWith("10.")                         | true
          address.in("10.0.0.0/8")                             | true
          address.in(["192.0.2.0/24", "10.0.0.1"])             | true
          address.in("192.0.2.0/24")                           | false
          address.path == ""                                   | true
          address.family in ["inet", "inet6"]                  | true
          """)
  void eachPartCanBeAskedFor(String when, boolean holds) {
    assertThat(isDenied(when, ELSEWHERE)).isEqualTo(holds);
  }

  @Test
  void anAbstractNameIsAPathWithAnAtSign() {
    assertThat(isDenied("address.path == \"@x\"", "0100 0078")).isTrue();
    assertThat(isDenied("address.path.startsWith(\"@\")", "0100 0078")).isTrue();
    assertThat(isDenied("address.path.under(\"/run\")", "0100 0078")).isFalse();
    assertThat(isDenied("address.port == -1", "0100 0078")).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          bind    | address.in("10.0.0.1/8")     | 5:43: error: '10.0.0.1/8' has bits beyond its prefix; did you mean '10.0.0.0/8'?
          bind    | address.in("::1", "x")       | 5:50: error: 'x' is no network or address; these are: 10.0.0.0/8, 192.0.2.7, fd00::/8, ::1
          bind    | address.in(["::1", "x"])     | 5:51: error: 'x' is no network or address; these are: 10.0.0.0/8, 192.0.2.7, fd00::/8, ::1
          bind    | address.in(80)               | 5:42: error: 'in' is for addresses and takes texts: address.in("10.0.0.0/8", "::1"), up to 16, or a list
          bind    | address.in()                 | 5:42: error: 'in' is for addresses and takes texts: address.in("10.0.0.0/8", "::1"), up to 16, or a list
          bind    | address.port.in("::1")       | 5:47: error: 'in' is for addresses and takes texts: address.in("10.0.0.0/8", "::1"), up to 16, or a list
          bind    | address == "::1"             | 5:40: error: '==' does not take an address and a text
          bind    | address                      | 5:32: error: 'when' must be true or false, not an address
          bind    | address.family == "ipv4"     | 5:50: error: 'ipv4' is no address family, as inet, inet6 and unix are
          bind    | address.family == "inte6"    | 5:50: error: 'inte6' is no address family, as inet, inet6 and unix are; did you mean 'inet6'?
          bind    | address.family in ["inett"]  | 5:51: error: 'inett' is no address family, as inet, inet6 and unix are; did you mean 'inet'?
          bind    | address.port == -2           | 5:49: error: 'address.port' of bind is from -1 to 4294967295, never -2
          bind    | address.prot == 80           | 5:39: error: an address has family, ip, port and path
          openat  | address.port == 1            | 5:34: error: unknown name 'address
          connect | address.in("::1")            | 5:3: error: connect decided here, but not sendmmsg, sendmsg, sendto, which can do the same: write 'on: "@connect"'
          sendto  | address.in("::1")            | 5:3: error: sendto decided here, but not connect, sendmmsg, sendmsg, which can do the same: write 'on: "@connect"'
          """)
  void whatIsWrongIsSaidWithItsPlace(String call, String when, String complaint) {
    assertThat(complaintsAbout(denying(call, when)))
        .singleElement()
        .asString()
        .startsWith("p.yaml:" + complaint);
  }
}
