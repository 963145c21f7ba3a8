package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Stat;
import java.nio.charset.StandardCharsets;

/// Files of proc(5), under a descriptor of a task's directory there.
final class Proc {
  private static final NativeBytes STATUS = NativeBytes.ofString("status");
  private static final NativeBytes ROOT = NativeBytes.ofString("root");
  private static final NativeBytes USER_NAMESPACE = NativeBytes.ofString("ns/user");
  private static final NativeBytes MOUNT_NAMESPACE = NativeBytes.ofString("ns/mnt");
  private static final NativeBytes NETWORK_NAMESPACE = NativeBytes.ofString("ns/net");

  private Proc() {}

  static TaskStatus status(int procfd) {
    return TaskStatus.parse(read(procfd, STATUS));
  }

  /// Of the thread whose number is the process's; `procfd` is that of another thread.
  static TaskStatus statusOfFirstThread(int procfd, int tgid) {
    return TaskStatus.parse(read(procfd, NativeBytes.ofString("../" + tgid + "/status")));
  }

  static Identity identity(int procfd, TaskStatus status) {
    var stat = new Stat();
    return new Identity(
        status.credentials(),
        inode(procfd, USER_NAMESPACE, stat),
        inode(procfd, MOUNT_NAMESPACE, stat),
        inode(procfd, NETWORK_NAMESPACE, stat),
        link(procfd, ROOT));
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
    int fd = check(Files.openat(procfd, name, OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC, 0));
    try {
      var bytes = NativeBytes.allocate(4096);
      return string(bytes, check(Files.read(fd, bytes)));
    } finally {
      Files.close(fd);
    }
  }

  static String link(int procfd, NativeBytes name) {
    var bytes = NativeBytes.allocate(4096);
    return string(bytes, check(Files.readlinkat(procfd, name, bytes)));
  }

  private static long inode(int procfd, NativeBytes name, Stat stat) {
    check(Files.fstatat(procfd, name, stat));
    return stat.ino();
  }

  private static String string(NativeBytes bytes, int length) {
    byte[] array = new byte[length];
    bytes.get(0, array, 0, length);
    return new String(array, StandardCharsets.ISO_8859_1);
  }

  /// A task that has ended has no files; one that may not be looked at is refused.
  private static int check(int result) {
    if (result == -Errno.ENOENT.number() || result == -Errno.ESRCH.number()) {
      throw Abort.GONE;
    }
    return result == -Errno.EACCES.number()
        ? Abort.check(-Errno.EPERM.number())
        : Abort.check(result);
  }
}
