package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Stat;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The places in proc(5) where a name means whoever asks. When we, or a worker, resolve
/// `/proc/self` for a target, the kernel answers with our own directory; used as it is, a target
/// could read and write our memory.
final class ProcLinks {
  private static final long OWN_PROC = deviceOfOwnProc();

  private ProcLinks() {}

  /// Whether what `argument` holds lies below the directory in /proc of whoever resolved it.
  static boolean meansUs(Call call, PathArgument argument) {
    return means(call, argument, false);
  }

  /// Whether it does so for a worker.
  static boolean meansWorker(Call call, PathArgument argument) {
    return means(call, argument, true);
  }

  private static boolean means(Call call, PathArgument argument, boolean worker) {
    if (argument.filesystem(call) != Filesystems.Kind.PROC) {
      return false;
    }
    Stat stat = argument.object >= 0 ? argument.stat(call) : argument.parentStat(call);
    return names(call, argument.canonical, stat.dev(), worker);
  }

  /// Whether `fd` is such a directory, or below one.
  static boolean meansUs(Call call, int fd, Text canonical) {
    var stat = new Stat();
    FileStatus.read(call, fd, stat);
    return Filesystems.of(call, fd, stat) == Filesystems.Kind.PROC
        && names(call, canonical, stat.dev(), false);
  }

  /// The text of a link of that name in the root of a proc(5), if it means whoever asks: for the
  /// target.
  ///
  /// @param dev of that proc
  static Optional<byte[]> textFor(Call call, String name, long dev) {
    if (!name.equals("self") && !name.equals("thread-self")) {
      return Optional.empty();
    }
    TaskStatus status = call.task().status();
    boolean own = isOwnProc(dev);
    int tgid = own ? status.nstgids().getFirst() : status.nstgids().getLast();
    int tid = own ? status.nspids().getFirst() : status.nspids().getLast();
    String text = name.equals("self") ? Integer.toString(tgid) : tgid + "/task/" + tid;
    return Optional.of(text.getBytes(StandardCharsets.US_ASCII));
  }

  static boolean isOwnProc(long dev) {
    return dev == OWN_PROC;
  }

  private static boolean names(Call call, Text path, long dev, boolean worker) {
    if (!isOwnProc(dev) && call.task().status().nspids().size() > 1) {
      // the /proc of a pid namespace in which we have no number
      return false;
    }
    int start = 0;
    for (int i = 0; i <= path.length(); i++) {
      if (i == path.length() || path.at(i) == '/') {
        if (isNumber(path, start, i)) {
          int number = number(path, start, i);
          if (worker ? call.makers().areWorkers(number) : call.makers().areOf(number)) {
            return true;
          }
        }
        start = i + 1;
      }
    }
    return false;
  }

  private static boolean isNumber(Text path, int from, int to) {
    for (int i = from; i < to; i++) {
      if (path.at(i) < '0' || path.at(i) > '9') {
        return false;
      }
    }
    return to > from && to - from <= 9;
  }

  private static int number(Text path, int from, int to) {
    int number = 0;
    for (int i = from; i < to; i++) {
      number = 10 * number + path.at(i) - '0';
    }
    return number;
  }

  private static long deviceOfOwnProc() {
    int fd = Files.open("/proc", OpenFlags.O_PATH);
    try {
      var stat = new Stat();
      Abort.check(Files.fstat(fd, stat));
      return stat.dev();
    } finally {
      Files.close(fd);
    }
  }
}
