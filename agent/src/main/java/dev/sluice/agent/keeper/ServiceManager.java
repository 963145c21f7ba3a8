package dev.sluice.agent.keeper;

import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.kernel.UnixSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Who started us, and starts us again when we end: systemd or `sluice-keeper`, which speak the
/// same protocol (sd_listen_fds(3), sd_notify(3), sd_pid_notify_with_fds(3)).
public final class ServiceManager {
  /// `SD_LISTEN_FDS_START`
  private static final int FIRST = 3;

  private final String socket;
  private final List<Passed> passed;
  private final Optional<Duration> watchdog;

  /// A descriptor that was passed to us.
  public record Passed(String name, int fd) {}

  private ServiceManager(String socket, List<Passed> passed, Optional<Duration> watchdog) {
    this.socket = socket;
    this.passed = List.copyOf(passed);
    this.watchdog = watchdog;
  }

  /// Empty if nobody did.
  public static Optional<ServiceManager> ofEnvironment() {
    return of(System.getenv(), Processes.getpid());
  }

  static Optional<ServiceManager> of(Map<String, String> environment, int pid) {
    String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
    if (socket.isEmpty()) {
      return Optional.empty();
    }
    var passed = new ArrayList<Passed>();
    if (isMeant(environment, "LISTEN_PID", pid)) {
      String[] names = environment.getOrDefault("LISTEN_FDNAMES", "").split(":", -1);
      long count = number(environment, "LISTEN_FDS");
      for (int i = 0; i < count; i++) {
        passed.add(new Passed(i < names.length ? names[i] : "unknown", FIRST + i));
      }
    }
    long micros =
        isMeant(environment, "WATCHDOG_PID", pid) ? number(environment, "WATCHDOG_USEC") : 0;
    Optional<Duration> watchdog =
        micros > 0 ? Optional.of(Duration.of(micros, ChronoUnit.MICROS)) : Optional.empty();
    return Optional.of(new ServiceManager(socket, passed, watchdog));
  }

  /// A child of ours inherits the environment, and nothing that is meant for it.
  private static boolean isMeant(Map<String, String> environment, String variable, int pid) {
    return environment.getOrDefault(variable, "").equals(Integer.toString(pid));
  }

  /// 0 if it is none, or has more than 18 digits.
  private static long number(Map<String, String> environment, String variable) {
    String value = environment.getOrDefault(variable, "");
    return value.matches("\\d{1,18}") ? Long.parseLong(value) : 0;
  }

  /// What was passed to us, which our own children do not inherit.
  public List<Passed> take() {
    for (Passed each : passed) {
      SyscallException.checkInt(Files.setCloseOnExec(each.fd()), "fcntl", each.name());
    }
    return passed;
  }

  /// The socket of that name among them.
  public Optional<Integer> socket(String name) {
    return passed.stream().filter(each -> each.name().equals(name)).map(Passed::fd).findFirst();
  }

  /// How long we may say nothing before we are killed; empty if for ever.
  public Optional<Duration> watchdog() {
    return watchdog;
  }

  /// We have started. Throws [SyscallException], as all that follow.
  public void ready() {
    send("READY=1");
  }

  /// We are still there.
  public void alive() {
    send("WATCHDOG=1");
  }

  /// Has a copy of `fd` kept: when this returns, it outlives us. Nobody is to poll it, as EPOLLERR
  /// of a notify fd means nothing.
  public void store(String name, int fd) {
    send("FDSTORE=1\nFDPOLL=0\nFDNAME=" + name, fd);
  }

  /// Lets go of what was stored under that name.
  public void remove(String name) {
    send("FDSTOREREMOVE=1\nFDNAME=" + name);
  }

  private void send(String text, int... fds) {
    int connection =
        SyscallException.checkInt(UnixSocket.connectForDatagrams(socket), "connect", socket);
    try {
      byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
      int sent = UnixSocket.send(connection, NativeBytes.of(bytes), bytes.length, fds);
      SyscallException.checkInt(sent, "sendmsg", socket);
    } finally {
      Files.close(connection);
    }
  }
}
