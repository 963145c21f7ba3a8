package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Stat;
import dev.sluice.supervisor.kernel.SystemCall;
import dev.sluice.supervisor.syscall.Arch;
import java.lang.ref.Reference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Whether a task can take one more descriptor (RLIMIT_NOFILE of getrlimit(2)). The kernel sets one
/// aside before it opens anything; we find out that there is none when we give it away, which is
/// too late for what was created, cut off or waited for.
final class FreeDescriptors {
  private static final NativeBytes OPEN = NativeBytes.ofString("fd");
  private static final int LIST = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC;
  private static final int GETDENTS64 = Arch.host().number("getdents64").orElseThrow();
  private static final int BUFFER = 1 << 15;
  private static final Pattern LIMIT =
      Pattern.compile("^Max open files +(\\w+)", Pattern.MULTILINE);

  private FreeDescriptors() {}

  /// Also true where that cannot be told: before 6.2, where the directory has no size, and of a
  /// task whose descriptors we may not look at. Throws [Abort].
  static boolean isOneLeft(Call call, int procfd) {
    long limit = limit(Proc.read(procfd, Proc.LIMITS));
    var stat = new Stat();
    Proc.check(Files.fstatat(procfd, OPEN, stat));
    return stat.length() < limit || isOneBelow(call, procfd, limit);
  }

  /// How many we may have ourselves.
  static long ownLimit() {
    int procfd = Files.open("/proc/self", OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
    try {
      return limit(Proc.read(procfd, Proc.LIMITS));
    } finally {
      Files.close(procfd);
    }
  }

  /// Looks for the first that is not open: some that are may lie beyond a limit that was higher
  /// once. There can be a million of them, so that the caller may be gone meanwhile.
  private static boolean isOneBelow(Call call, int procfd, long limit) {
    int directory = Files.openat(procfd, OPEN, LIST, 0);
    if (directory == -Errno.EACCES.number()) {
      return true;
    }
    Proc.check(directory);
    try {
      var numbers = new OpenNumbers();
      var buffer = NativeBytes.allocate(BUFFER);
      int size = list(directory, buffer);
      while (size > 0 && numbers.take(buffer, size) && numbers.firstFree() < limit) {
        call.validate();
        size = list(directory, buffer);
      }
      return numbers.firstFree() < limit;
    } finally {
      Files.close(directory);
    }
  }

  private static int list(int directory, NativeBytes buffer) {
    try {
      long size = SystemCall.make(GETDENTS64, directory, buffer.address(), BUFFER, 0, 0, 0);
      return Proc.check((int) size);
    } finally {
      Reference.reachabilityFence(buffer);
    }
  }

  /// What the directory lists, in order: first itself and the one above it.
  static final class OpenNumbers {
    /// Offsets in `struct linux_dirent64`.
    private static final int LENGTH = 16;

    private static final int NAME = 19;

    private long firstFree;

    /// The least number that was not among those that were taken.
    long firstFree() {
      return firstFree;
    }

    /// Takes the entries in the first `size` bytes. Returns whether there may be more numbers
    /// without one missing in between.
    boolean take(NativeBytes entries, int size) {
      for (int entry = 0; entry < size; ) {
        long number = number(entries, entry + NAME);
        if (number > firstFree) {
          return false;
        }
        if (number == firstFree) {
          firstFree++;
        }
        entry += Short.toUnsignedInt(entries.getShort(entry + (long) LENGTH));
      }
      return true;
    }

    /// -1 for the dots.
    private static long number(NativeBytes entries, int from) {
      long number = 0;
      for (int i = from; entries.getByte(i) != 0; i++) {
        int digit = entries.getByte(i) - '0';
        if (digit < 0 || digit > 9) {
          return -1;
        }
        number = 10 * number + digit;
      }
      return number;
    }
  }

  private static long limit(String limits) {
    Matcher line = LIMIT.matcher(limits);
    if (!line.find()) {
      throw new IllegalArgumentException("no open files in limits of proc(5): " + limits);
    }
    return line.group(1).equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(line.group(1));
  }
}
