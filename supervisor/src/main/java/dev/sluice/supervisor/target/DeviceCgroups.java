package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Stat;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The cgroups of a task that say which devices it may make and open, and are not ours: of the
/// controller `devices` of version 1, and of version 2, whose groups have programs for it
/// (BPF_PROG_TYPE_CGROUP_DEVICE). The kernel asks for them of whoever makes the call.
public final class DeviceCgroups implements AutoCloseable {
  private static final List<String> CONTROLLERS = List.of("devices", Cgroups.UNIFIED);
  private static final int S_IFMT = 0170000;
  private static final int S_IFCHR = 0020000;
  private static final int S_IFBLK = 0060000;
  private static final int MEM = 1;
  private static final int TTYAUX = 5;
  private static final int FIRST_PTS = 136;
  private static final int LAST_PTS = 143;

  private final List<Integer> opened = new ArrayList<>();

  private DeviceCgroups() {}

  /// None for an ordinary user, who may move no process to another's group: a supervisor of theirs
  /// opens what its own groups let it. Throws [Abort] with EPERM if one of them is not to be found:
  /// it may be beyond our cgroup namespace, or not mounted here.
  public static DeviceCgroups of(Task task) {
    var groups = new DeviceCgroups();
    if (task.ownIdentity().credentials().uids().get(1) != 0) {
      return groups;
    }
    Cgroups mounted = Cgroups.ofSystem();
    String ours = new CgroupDirectory("/proc/self").read("cgroup").orElse("");
    String theirs = task.cgroups();
    for (String controller : CONTROLLERS) {
      Optional<String> path = Cgroups.path(controller, theirs);
      if (path.isPresent()
          && !path.get().equals("/") // where nothing is forbidden
          && !path.equals(Cgroups.path(controller, ours))) {
        groups.open(mounted.directory(controller, theirs));
      }
    }
    return groups;
  }

  private void open(Optional<CgroupDirectory> group) {
    int fd =
        group
            .map(found -> found.open("cgroup.procs", OpenFlags.O_WRONLY))
            .orElse(-Errno.ENOENT.number());
    if (fd < 0) {
      close();
      throw Abort.errno(Errno.EPERM);
    }
    opened.add(fd);
  }

  /// Descriptors of their `cgroup.procs`; none if we are in the same.
  public List<Integer> members() {
    return opened;
  }

  /// Whether they could forbid to make or to open such a file; we take it that no group forbids a
  /// common device.
  public static boolean mayForbid(int mode, int major, int minor) {
    boolean isWhiteout = major == 0 && minor == 0;
    return switch (mode & S_IFMT) {
      case S_IFCHR -> !isWhiteout && !isCommon(major, minor);
      case S_IFBLK -> true;
      default -> false;
    };
  }

  public static boolean mayForbid(Stat stat) {
    return mayForbid(stat.mode(), Stat.major(stat.rdev()), Stat.minor(stat.rdev()));
  }

  /// Whether a character device is one that every container has, and that does no harm: null, zero,
  /// full, random, urandom, tty, ptmx, and the terminals of devpts.
  public static boolean isCommon(int major, int minor) {
    return switch (major) {
      case MEM -> minor == 3 || minor == 5 || (minor >= 7 && minor <= 9);
      case TTYAUX -> minor == 0 || minor == 2;
      default -> major >= FIRST_PTS && major <= LAST_PTS;
    };
  }

  @Override
  public void close() {
    opened.forEach(Files::close);
    opened.clear();
  }
}
