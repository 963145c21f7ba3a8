package dev.sluice.supervisor.policy.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The calls that i386 programs can make through socketcall(2) and ipc(2) as well, where the first
/// register says which one it is (linux/net.h, linux/ipc.h).
final class MultiplexedCalls {
  /// @param through the call that is made
  record Way(String through, int selector) {
    /// The conditions of a rule about the call, when it is made this way. They keep speaking of the
    /// registers that the call itself would have, as libseccomp leaves them; but the first is
    /// taken.
    List<Argument> arguments(List<Argument> direct) {
      var arguments = new ArrayList<>(direct);
      arguments.removeIf(argument -> argument.index() == 0);
      arguments.add(Argument.of(0, Operator.EQ, selector, 0));
      return arguments;
    }
  }

  private static final Map<String, Way> WAYS =
      Map.ofEntries(
          socket("socket", 1),
          socket("bind", 2),
          socket("connect", 3),
          socket("listen", 4),
          socket("accept", 5),
          socket("getsockname", 6),
          socket("getpeername", 7),
          socket("socketpair", 8),
          socket("send", 9),
          socket("recv", 10),
          socket("sendto", 11),
          socket("recvfrom", 12),
          socket("shutdown", 13),
          socket("setsockopt", 14),
          socket("getsockopt", 15),
          socket("sendmsg", 16),
          socket("recvmsg", 17),
          socket("accept4", 18),
          socket("recvmmsg", 19),
          socket("sendmmsg", 20),
          ipc("semop", 1),
          ipc("semget", 2),
          ipc("semctl", 3),
          ipc("semtimedop", 4),
          ipc("msgsnd", 11),
          ipc("msgrcv", 12),
          ipc("msgget", 13),
          ipc("msgctl", 14),
          ipc("shmat", 21),
          ipc("shmdt", 22),
          ipc("shmget", 23),
          ipc("shmctl", 24));

  private MultiplexedCalls() {}

  private static Map.Entry<String, Way> socket(String call, int selector) {
    return Map.entry(call, new Way("socketcall", selector));
  }

  private static Map.Entry<String, Way> ipc(String call, int selector) {
    return Map.entry(call, new Way("ipc", selector));
  }

  static Set<String> names() {
    return WAYS.keySet();
  }

  static Optional<Way> way(String call) {
    return Optional.ofNullable(WAYS.get(call));
  }
}
