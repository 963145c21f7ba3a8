package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Descriptors;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Stat;
import java.nio.charset.StandardCharsets;

/// The root directory of a task. Its path does not tell it from others: another directory may have
/// taken its place, something may have been mounted over it, and what is mounted over `/` and
/// entered by chroot(2) reads `/` as well.
///
/// @param path as we see it: `/` if it is ours and so is the mount namespace
/// @param mount the number of its mount (statx(2)), which no other gets since Linux 6.8
/// @param device and `inode`: as of stat(2). Whoever has it as root keeps them from being given to
///   another
public record RootDirectory(String path, long mount, long device, long inode) {
  static RootDirectory of(String path, Stat stat) {
    return new RootDirectory(path, stat.mountId(), stat.dev(), stat.ino());
  }

  /// What `fd` refers to. Throws [Abort].
  public static RootDirectory of(int fd) {
    var stat = new Stat();
    Abort.check(Files.fstat(fd, stat));
    byte[] path = new byte[Abort.check(Descriptors.readLink(fd))];
    Descriptors.link().get(0, path, 0, path.length);
    return of(new String(path, StandardCharsets.ISO_8859_1), stat);
  }
}
