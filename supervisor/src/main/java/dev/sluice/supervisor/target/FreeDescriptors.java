package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Stat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Whether a task can take one more descriptor (RLIMIT_NOFILE of getrlimit(2)). The kernel sets one
/// aside before it opens anything; we find out that there is none when we give it away, which is
/// too late for what was created, cut off or waited for.
final class FreeDescriptors {
  private static final NativeBytes OPEN = NativeBytes.ofString("fd");
  private static final Pattern LIMIT =
      Pattern.compile("^Max open files +(\\w+)", Pattern.MULTILINE);

  private FreeDescriptors() {}

  /// Also true where that cannot be told: before 6.2, where the directory has no size, and of a
  /// task whose descriptors we may not look at. Throws [Abort].
  static boolean isOneLeft(int procfd) {
    long limit = limit(Proc.read(procfd, Proc.LIMITS));
    var stat = new Stat();
    Proc.check(Files.fstatat(procfd, OPEN, stat));
    return stat.length() < limit || isOneBelow(procfd, limit);
  }

  /// Looks at each: some that are open may lie beyond a limit that was higher once.
  private static boolean isOneBelow(int procfd, long limit) {
    var link = NativeBytes.allocate(1);
    for (long number = 0; number < limit; number++) {
      int found = Files.readlinkat(procfd, NativeBytes.ofString("fd/" + number), link);
      if (found == -Errno.ENOENT.number() || found == -Errno.EACCES.number()) {
        return true;
      }
    }
    return false;
  }

  private static long limit(String limits) {
    Matcher line = LIMIT.matcher(limits);
    if (!line.find()) {
      throw new IllegalArgumentException("no open files in limits of proc(5): " + limits);
    }
    return line.group(1).equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(line.group(1));
  }
}
