package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Sockets;
import dev.sluice.supervisor.policy.Guards.Guard;
import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.policy.condition.Condition.Comparison;
import dev.sluice.supervisor.policy.condition.Condition.NumberTest;
import dev.sluice.supervisor.policy.condition.NumberValue;
import java.util.List;
import java.util.stream.LongStream;

/// What is closed where addresses of sockets decide: ways to an address by other calls.
final class AddressGuards {
  /// linux/in.h
  private static final int IPPROTO_SCTP = 132;

  /// The lower bits of the type of socket(2); above them are SOCK_CLOEXEC and SOCK_NONBLOCK.
  private static final int SOCK_TYPE_MASK = 0xf;

  /// linux/net.h: socket, bind, connect, sendto, setsockopt, sendmsg, sendmmsg of socketcall(2).
  private static final long[] SOCKETCALLS = {1, 2, 3, 11, 14, 16, 20};

  private static final String ROUTE = "a route through a machine whose address nobody looked at";

  private AddressGuards() {}

  static List<Guard> of(String call) {
    return switch (call) {
      case "socket" ->
          List.of(
              new Guard(
                  sctp(),
                  Errno.EPROTONOSUPPORT,
                  "sctp connects by setsockopt(2), to addresses that nobody looked at"));
      case "setsockopt" ->
          List.of(
              new Guard(
                  Condition.and(is(1, -1, Sockets.SOL_IP), is(2, -1, Sockets.IP_OPTIONS)),
                  Errno.EPERM,
                  ROUTE),
              new Guard(
                  Condition.and(
                      is(1, -1, Sockets.IPPROTO_IPV6),
                      Condition.any(
                          List.of(
                              is(2, -1, Sockets.IPV6_RTHDR),
                              is(2, -1, Sockets.IPV6_2292PKTOPTIONS),
                              is(2, -1, Sockets.IPV6_FLOWLABEL_MGR)))),
                  Errno.EPERM,
                  ROUTE));
      case "socketcall" ->
          List.of(
              new Guard(
                  Condition.any(
                      LongStream.of(SOCKETCALLS).mapToObj(number -> is(0, -1, number)).toList()),
                  Errno.ENOSYS,
                  "it makes other calls, with their addresses in memory"));
      default -> List.of();
    };
  }

  /// Asked for by its number, or as what SOCK_SEQPACKET is in these families.
  private static Condition sctp() {
    Condition internet = Condition.or(is(0, -1, Sockets.AF_INET), is(0, -1, Sockets.AF_INET6));
    Condition sequence = is(1, SOCK_TYPE_MASK, Sockets.SOCK_SEQPACKET);
    return Condition.and(internet, Condition.or(is(2, -1, IPPROTO_SCTP), sequence));
  }

  private static Condition is(int register, long mask, long constant) {
    var value = new NumberValue.Register(register, Integer.SIZE, false);
    return new NumberTest(value, mask, Comparison.EQ, constant);
  }
}
