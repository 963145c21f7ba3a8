package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Namespaces;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Stat;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/// Files of proc(5), under a descriptor of a task's directory there.
final class Proc {
  private static final NativeBytes STATUS = NativeBytes.ofString("status");
  static final NativeBytes LIMITS = NativeBytes.ofString("limits");
  private static final NativeBytes UID_MAP = NativeBytes.ofString("uid_map");
  private static final NativeBytes GID_MAP = NativeBytes.ofString("gid_map");
  private static final NativeBytes ROOT = NativeBytes.ofString("root");
  private static final NativeBytes USER_NAMESPACE = NativeBytes.ofString("ns/user");
  private static final NativeBytes PID_NAMESPACE = NativeBytes.ofString("ns/pid");
  private static final NativeBytes MOUNT_NAMESPACE = NativeBytes.ofString("ns/mnt");
  private static final NativeBytes NETWORK_NAMESPACE = NativeBytes.ofString("ns/net");
  private static final NativeBytes IPC_NAMESPACE = NativeBytes.ofString("ns/ipc");
  private static final NativeBytes CGROUP_NAMESPACE = NativeBytes.ofString("ns/cgroup");

  private Proc() {}

  static TaskStatus status(int procfd) {
    return TaskStatus.parse(statusText(procfd));
  }

  /// The directory of a thread, to be closed; it never comes to mean another. Throws [Abort].
  static int open(int tid) {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC;
    return check(Files.openat(OpenFlags.AT_FDCWD, NativeBytes.ofString("/proc/" + tid), flags, 0));
  }

  /// How many seccomp filters it has.
  static int filters(int procfd) {
    return TaskStatus.filters(statusText(procfd));
  }

  static int umask(int procfd) {
    return TaskStatus.umask(statusText(procfd));
  }

  private static String statusText(int procfd) {
    return read(procfd, STATUS, true);
  }

  /// Of the thread whose number is the process's; `procfd` is that of another thread.
  static TaskStatus statusOfFirstThread(int procfd, int tgid) {
    return TaskStatus.parse(read(procfd, NativeBytes.ofString("../" + tgid + "/status")));
  }

  static FileSizeLimit fileSizeLimit(int procfd) {
    return FileSizeLimit.parse(read(procfd, LIMITS));
  }

  static Identity identity(int procfd, TaskStatus status) {
    var stat = new Stat();
    return new Identity(
        status.credentials(),
        inode(procfd, USER_NAMESPACE, stat),
        inode(procfd, MOUNT_NAMESPACE, stat),
        inode(procfd, NETWORK_NAMESPACE, stat),
        inodeIfThere(procfd, IPC_NAMESPACE, stat),
        inodeIfThere(procfd, CGROUP_NAMESPACE, stat),
        0,
        rootDirectory(procfd, stat));
  }

  private static RootDirectory rootDirectory(int procfd, Stat stat) {
    check(Files.fstatat(procfd, ROOT, stat));
    return RootDirectory.of(link(procfd, ROOT), stat);
  }

  /// Its inode number.
  static long pidNamespaceNumber(int procfd) {
    return inode(procfd, PID_NAMESPACE, new Stat());
  }

  /// The text of its link, such as `pid:[4026531836]`.
  static String pidNamespace(int procfd) {
    return link(procfd, PID_NAMESPACE);
  }

  /// Who is root in the user namespace of the task, as numbered in ours (user_namespaces(7)); empty
  /// if nobody is.
  static OptionalInt root(int procfd) {
    for (String line : read(procfd, UID_MAP).split("\n", -1)) {
      String[] fields = line.strip().split("\\s+", -1);
      if (fields.length == 3 && fields[0].equals("0")) {
        return OptionalInt.of(Integer.parseUnsignedInt(fields[1]));
      }
    }
    return OptionalInt.empty();
  }

  /// The inode number of a thread's user namespace; -1 if it has ended.
  static long userNamespaceOf(int procfd) {
    var stat = new Stat();
    return Files.fstatat(procfd, USER_NAMESPACE, stat) < 0 ? -1 : stat.ino();
  }

  /// Whether a user and a group, as numbered in our user namespace, have numbers in that of the
  /// task.
  static boolean hasIds(int procfd, int uid, int gid) {
    return isMapped(read(procfd, UID_MAP), uid) && isMapped(read(procfd, GID_MAP), gid);
  }

  /// The same of a user.
  static boolean hasUser(int procfd, int uid) {
    return isMapped(read(procfd, UID_MAP), uid);
  }

  /// @param map lines of a first id there, the first id here, and how many (user_namespaces(7))
  static boolean isMapped(String map, int id) {
    long wanted = Integer.toUnsignedLong(id);
    for (String line : map.split("\n", -1)) {
      String[] fields = line.strip().split("\\s+", -1);
      if (fields.length == 3) {
        long first = Long.parseLong(fields[1]);
        if (first <= wanted && wanted - first < Long.parseLong(fields[2])) {
          return true;
        }
      }
    }
    return false;
  }

  /// Whether the user namespace of the task was made in `parent` (its inode number), and not in one
  /// further down.
  static boolean isChildNamespace(int procfd, long parent) {
    int theirs =
        check(Files.openat(procfd, USER_NAMESPACE, OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC, 0));
    int above = Namespaces.parent(theirs);
    try {
      var stat = new Stat();
      return above >= 0 && Files.fstat(above, stat) == 0 && stat.ino() == parent;
    } finally {
      Files.close(theirs);
      Files.close(above);
    }
  }

  /// What thread `pid` in the pid namespace of the task is called in ours; as [Namespaces#pidFrom].
  static int translate(int procfd, int pid) {
    int namespace =
        check(Files.openat(procfd, PID_NAMESPACE, OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC, 0));
    try {
      return Namespaces.pidFrom(namespace, pid);
    } finally {
      Files.close(namespace);
    }
  }

  /// What statmount(2) calls the mount namespace of the task; -errno on error.
  static long mountNamespaceId(int procfd) {
    int fd = Files.openat(procfd, MOUNT_NAMESPACE, OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC, 0);
    if (fd < 0) {
      return fd;
    }
    try {
      return Namespaces.mountNamespaceId(fd);
    } finally {
      Files.close(fd);
    }
  }

  /// The inode number of the pid namespace that we are in. Takes no descriptor: there may be none.
  static long ownPidNamespace() {
    var stat = new Stat();
    Abort.check(Files.fstatat(OpenFlags.AT_FDCWD, NativeBytes.ofString("/proc/self/ns/pid"), stat));
    return stat.ino();
  }

  /// The identity of the calling thread.
  static Identity ownIdentity() {
    int procfd = Files.open("/proc/thread-self", OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
    try {
      return identity(procfd, status(procfd));
    } finally {
      Files.close(procfd);
    }
  }

  static String read(int procfd, NativeBytes name) {
    return read(procfd, name, false);
  }

  private static String read(int procfd, NativeBytes name, boolean isRecord) {
    int fd = check(Files.openat(procfd, name, OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC, 0));
    try {
      return isRecord ? ProcText.readRecord(fd) : ProcText.read(fd);
    } finally {
      Files.close(fd);
    }
  }

  static String link(int procfd, NativeBytes name) {
    var bytes = NativeBytes.allocate(4096);
    byte[] text = new byte[readLink(procfd, name, bytes)];
    bytes.get(0, text, 0, text.length);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  static int readLink(int procfd, NativeBytes name, NativeBytes to) {
    return check(Files.readlinkat(procfd, name, to));
  }

  private static long inode(int procfd, NativeBytes name, Stat stat) {
    check(Files.fstatat(procfd, name, stat));
    return stat.ino();
  }

  /// 0 where the kernel has no such namespaces.
  private static long inodeIfThere(int procfd, NativeBytes name, Stat stat) {
    int result = Files.fstatat(procfd, name, stat);
    if (result == -Errno.ENOENT.number()) {
      return 0;
    }
    check(result);
    return stat.ino();
  }

  /// A task that has ended has no files; one that may not be looked at is refused.
  static int check(int result) {
    if (result == -Errno.ENOENT.number() || result == -Errno.ESRCH.number()) {
      throw Abort.GONE;
    }
    return result == -Errno.EACCES.number()
        ? Abort.check(-Errno.EPERM.number())
        : Abort.check(result);
  }
}
