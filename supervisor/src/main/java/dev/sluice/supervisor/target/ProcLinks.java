package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Stat;

/// The places in proc(5) where a name means whoever asks. When we, or a worker, resolve
/// `/proc/self` for a target, the kernel answers with our own directory; used as it is, a target
/// could read and write our memory.
final class ProcLinks {
  private static final long OWN_PROC = deviceOfOwnProc();

  private ProcLinks() {}

  /// Whether what `argument` holds lies below the directory in /proc of whoever resolved it.
  static boolean meansUs(Call call, PathArgument argument) {
    if (argument.object >= 0) {
      long dev = argument.stat().dev();
      return Filesystems.of(argument.object, dev) == Filesystems.Kind.PROC
          && namesOurThread(call, argument.canonical, dev);
    }
    long dev = argument.parentStat().dev();
    return Filesystems.of(argument.parent, dev) == Filesystems.Kind.PROC
        && namesOurThread(call, argument.canonical, dev);
  }

  /// Whether `fd` is such a directory, or below one.
  static boolean meansUs(Call call, int fd, Text canonical) {
    var stat = new Stat();
    Abort.check(Files.fstat(fd, stat));
    return Filesystems.of(fd, stat.dev()) == Filesystems.Kind.PROC
        && namesOurThread(call, canonical, stat.dev());
  }

  static boolean isOwnProc(long dev) {
    return dev == OWN_PROC;
  }

  private static boolean namesOurThread(Call call, Text path, long dev) {
    if (!isOwnProc(dev) && call.task().status().nspids().size() > 1) {
      // the /proc of a pid namespace in which we have no number
      return false;
    }
    int start = 0;
    for (int i = 0; i <= path.length(); i++) {
      if (i == path.length() || path.at(i) == '/') {
        if (isNumber(path, start, i) && call.syscalls().isMadeBy(number(path, start, i))) {
          return true;
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
