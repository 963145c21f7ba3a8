package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Sockets;
import dev.sluice.supervisor.policy.Guards.Guard;
import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.policy.condition.Condition.Comparison;
import dev.sluice.supervisor.policy.condition.Condition.NumberTest;
import dev.sluice.supervisor.policy.condition.NumberValue;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/// What is closed where addresses of sockets decide: ways to an address by other calls.
final class AddressGuards {
  /// linux/in.h
  private static final int IPPROTO_SCTP = 132;

  private static final int IPPROTO_RAW = 255;
  private static final int IP_HDRINCL = 3;

  /// linux/socket.h: the level of a raw socket's own options
  private static final int SOL_RAW = 255;

  /// linux/in6.h
  private static final int IPV6_HDRINCL = 36;

  /// linux/socket.h
  private static final int AF_PACKET = 17;

  private static final int AF_XDP = 44;

  /// The lower bits of the type of socket(2); above them are SOCK_CLOEXEC and SOCK_NONBLOCK.
  private static final int SOCK_TYPE_MASK = 0xf;

  /// With AF_INET, the kernel takes it for AF_PACKET (packet(7)).
  private static final int SOCK_PACKET = 10;

  /// linux/net.h: socket, bind, connect, sendto, setsockopt, sendmsg, sendmmsg of socketcall(2).
  private static final long[] SOCKETCALLS = {1, 2, 3, 11, 14, 16, 20};

  private static final String ROUTE = "a route through a machine whose address nobody looked at";
  private static final String WRITTEN =
      "who writes packets writes their addresses, which nobody looked at";

  /// The registers of what is closed, one of each kind.
  static final List<Map<Integer, Integer>> SOCKETS =
      List.of(
          Map.of(0, Sockets.AF_INET, 1, Sockets.SOCK_STREAM, 2, IPPROTO_SCTP),
          Map.of(0, Sockets.AF_INET, 1, Sockets.SOCK_SEQPACKET, 2, 0),
          Map.of(0, AF_PACKET, 1, Sockets.SOCK_RAW, 2, 0),
          Map.of(0, AF_XDP, 1, Sockets.SOCK_RAW, 2, 0),
          Map.of(0, Sockets.AF_INET, 1, Sockets.SOCK_RAW, 2, IPPROTO_RAW));

  static final List<Map<Integer, Integer>> OPTIONS =
      List.of(
          Map.of(1, Sockets.SOL_IP, 2, Sockets.IP_OPTIONS),
          Map.of(1, Sockets.IPPROTO_IPV6, 2, Sockets.IPV6_RTHDR),
          Map.of(1, Sockets.SOL_IP, 2, IP_HDRINCL));

  private AddressGuards() {}

  static List<Guard> of(String call) {
    return switch (call) {
      case "socket" ->
          List.of(
              new Guard(
                  sctp(),
                  Errno.EPROTONOSUPPORT,
                  "sctp connects by setsockopt(2), to addresses that nobody looked at"),
              new Guard(packets(), Errno.EPERM, WRITTEN));
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
                  ROUTE),
              new Guard(
                  Condition.or(
                      Condition.and(is(1, -1, Sockets.SOL_IP), is(2, -1, IP_HDRINCL)),
                      Condition.and(
                          Condition.or(is(1, -1, Sockets.IPPROTO_IPV6), is(1, -1, SOL_RAW)),
                          is(2, -1, IPV6_HDRINCL))),
                  Errno.EPERM,
                  WRITTEN));
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

  /// Sockets whose packets are the program's own from the header on. What family the address of a
  /// packet(7) socket says, the kernel does not look at.
  private static Condition packets() {
    Condition internet = Condition.or(is(0, -1, Sockets.AF_INET), is(0, -1, Sockets.AF_INET6));
    Condition raw = Condition.and(is(1, SOCK_TYPE_MASK, Sockets.SOCK_RAW), is(2, -1, IPPROTO_RAW));
    return Condition.any(
        List.of(
            is(0, -1, AF_PACKET),
            is(0, -1, AF_XDP),
            Condition.and(is(0, -1, Sockets.AF_INET), is(1, SOCK_TYPE_MASK, SOCK_PACKET)),
            Condition.and(internet, raw)));
  }

  private static Condition is(int register, long mask, long constant) {
    var value = new NumberValue.Register(register, Integer.SIZE, false);
    return new NumberTest(value, mask, Comparison.EQ, constant);
  }
}
