package dev.sluice.supervisor.handler.modify;

import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.DeviceCgroups;
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Optional;
import java.util.Set;

/// mknod, mknodat: in the very directory the decision was made on.
public final class MknodHandler implements Performer {
  static final Set<String> CALLS = Set.of("mknod", "mknodat");

  private static final int MKNODAT = Numbers.of("mknodat");

  /// inode(7)
  private static final int S_IFMT = 0170000;

  private static final int S_IFIFO = 0010000;
  private static final int S_IFCHR = 0020000;
  private static final int S_IFDIR = 0040000;
  private static final int S_IFBLK = 0060000;
  private static final int S_IFREG = 0100000;
  private static final int S_IFSOCK = 0140000;

  @Override
  public String name() {
    return "mknod";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  @Override
  public Optional<Verdict> early(Call call) {
    return switch (mode(call) & S_IFMT) {
      case 0, S_IFREG, S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK -> Optional.empty();
      case S_IFDIR -> Results.early(Errno.EPERM);
      default -> Results.early(Errno.EINVAL);
    };
  }

  @Override
  public Verdict perform(Call call) {
    PathArgument path = Paths.name(call, 0);
    int device = call.intArg(call.name().equals("mknodat") ? 3 : 2);
    Operation mknod =
        call.operation()
            .begin(MKNODAT)
            .descriptor(path.parent())
            .string(path.givenName())
            .value(mode(call))
            .value(Integer.toUnsignedLong(device))
            .under(call.task().umask());
    return DeviceCgroups.mayForbid(mode(call), major(device), minor(device))
        ? Results.of(Results.change(call, call.patientSyscalls(), mknod.inDeviceCgroups()))
        : Results.changed(call, path, mknod);
  }

  /// As the kernel takes it from user space: 12 bits of major and 20 of minor (linux/kdev_t.h,
  /// new_decode_dev).
  public static int major(int device) {
    return (device >>> 8) & 0xfff;
  }

  /// The same.
  public static int minor(int device) {
    return (device & 0xff) | ((device >>> 12) & 0xfff00);
  }

  private static int mode(Call call) {
    return call.intArg(call.name().equals("mknodat") ? 2 : 1);
  }
}
