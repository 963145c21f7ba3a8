package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.Stat;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The places in proc(5) where a name means whoever asks. When we, or a worker, resolve
/// `/proc/self` for a target, the kernel answers with our own directory; used as it is, a target
/// could read and write our memory.
final class ProcLinks {
  private static final Stat OWN = statOfOwnProc();
  private static final long OWN_PROC = OWN.dev();
  private static final long OWN_MOUNT = OWN.mountId();

  /// Two numbers, and `/task/`.
  private static final int LONGEST_LINK = 64;

  private static final NativeBytes ITSELF = NativeBytes.ofString("");

  private ProcLinks() {}

  /// Whether what `argument` holds may lie below the directory in /proc of whoever resolved it, so
  /// that it is to be looked for step by step.
  static boolean mayMeanUs(Call call, PathArgument argument) {
    return means(call, argument, false, false);
  }

  /// Whether it does so although it was looked for step by step: the target has named us.
  static boolean meansUs(Call call, PathArgument argument) {
    return means(call, argument, true, false);
  }

  /// Whether it has named a worker.
  static boolean meansWorker(Call call, PathArgument argument) {
    return means(call, argument, true, true);
  }

  private static boolean means(Call call, PathArgument argument, boolean named, boolean worker) {
    if (argument.filesystem(call) != Filesystems.Kind.PROC) {
      return false;
    }
    Stat stat = argument.object >= 0 ? argument.stat(call) : argument.parentStat(call);
    return names(call, argument.canonical, stat, named, worker);
  }

  /// Whether `fd` is such a directory, or below one, that the target has named.
  static boolean meansUs(Call call, int fd, Text canonical) {
    var stat = new Stat();
    FileStatus.read(call, fd, stat);
    return Filesystems.of(call, fd, stat) == Filesystems.Kind.PROC
        && names(call, canonical, stat, true, false);
  }

  /// The text of a link of that name in the root of a proc(5), if it means whoever asks: for the
  /// target. Throws [Abort].
  ///
  /// @param link a descriptor for it
  /// @param dev of that proc
  static Optional<byte[]> textFor(Call call, String name, int link, long dev) {
    if (!name.equals("self") && !name.equals("thread-self")) {
      return Optional.empty();
    }
    TaskStatus status = call.task().status();
    boolean own = isOwnProc(dev) || status.nspids().size() == 1 || showsOurNumbers(link);
    int tgid = own ? status.nstgids().getFirst() : status.nstgids().getLast();
    int tid = own ? status.nspids().getFirst() : status.nspids().getLast();
    String text = name.equals("self") ? Integer.toString(tgid) : tgid + "/task/" + tid;
    return Optional.of(text.getBytes(StandardCharsets.US_ASCII));
  }

  static boolean isOwnProc(long dev) {
    return dev == OWN_PROC;
  }

  /// Whether the proc that `self` or `thread-self` is in is of our pid namespace, of which there
  /// can be several. In one of a namespace below ours it means nobody when we ask; in one of a
  /// namespace above, we do not know what the target is called.
  private static boolean showsOurNumbers(int link) {
    NativeBytes text = NativeBytes.allocate(LONGEST_LINK);
    int length = Files.readlinkat(link, ITSELF, text);
    if (length == -Errno.ENOENT.number()) {
      return false;
    }
    byte[] bytes = new byte[Abort.check(length)];
    text.get(0, bytes, 0, length);
    String tgid = new String(bytes, StandardCharsets.US_ASCII).split("/", 2)[0];
    if (!tgid.equals(Integer.toString(Processes.getpid()))) {
      throw Abort.errno(Errno.EACCES);
    }
    return true;
  }

  private static boolean names(Call call, Text path, Stat stat, boolean named, boolean worker) {
    boolean ourselves = !worker && call.syscalls().isInline();
    if (ourselves && stat.mountId() != OWN_MOUNT) {
      // mounted elsewhere it could be anything, with any name
      return true;
    }
    // Numbers of another proc may be of our pid namespace, or of one in which they mean somebody
    // else. Who is found step by step is whom the target means, and a worker opens nothing of
    // itself.
    if (named && stat.dev() != OWN_PROC && call.task().status().nspids().size() > 1) {
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

  private static Stat statOfOwnProc() {
    int fd = Files.open("/proc", OpenFlags.O_PATH);
    try {
      var stat = new Stat();
      Abort.check(Files.fstat(fd, stat));
      return stat;
    } finally {
      Files.close(fd);
    }
  }
}
