package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Stat;
import dev.sluice.supervisor.syscall.Arch;

/// Whether a symbolic link may be followed: what the kernel asks before it does (`pick_link`,
/// fs/namei.c), for links that we follow ourselves.
final class Symlinks {
  private static final int FSTATFS = Arch.host().number("fstatfs").orElseThrow();
  private static final int SIZEOF_STATFS = 120;

  /// Where `f_flags` is in a `struct statfs`.
  private static final int F_FLAGS = 80;

  /// statfs(2)
  private static final long ST_NOSYMFOLLOW = 0x2000;

  private static final int S_ISVTX = 01000;
  private static final int S_IWOTH = 2;

  /// Who is not root cannot read it.
  private static final NativeBytes PROTECTED =
      NativeBytes.ofString("/proc/sys/fs/protected_symlinks");

  private static final Syscalls LOCAL = new LocalSyscalls();

  private Symlinks() {}

  /// Throws [Abort] with ELOOP if `link` lies on a mount whose links nobody follows (`nosymfollow`
  /// of mount(8)).
  static void checkMount(Call call, int link, Filesystems.Kind filesystem) {
    var operation = new Operation().begin(FSTATFS).descriptor(link).output(SIZEOF_STATFS);
    Syscalls who = filesystem == Filesystems.Kind.SLOW ? call.patientSyscalls() : LOCAL;
    Abort.check((int) who.make(operation, true));
    if ((operation.buffer(SIZEOF_STATFS).getLong(F_FLAGS) & ST_NOSYMFOLLOW) != 0) {
      throw Abort.errno(Errno.ELOOP);
    }
  }

  /// Throws [Abort] with EACCES if a link at the end of a path is somebody's who may have put it
  /// into `directory` for others to fall for (`fs.protected_symlinks` of proc(5)).
  ///
  /// @param owner of the link
  static void checkOwner(Call call, int directory, int owner) {
    if (owner == call.identity().credentials().uids().get(3)) {
      return;
    }
    var stat = new Stat();
    FileStatus.read(call, directory, stat);
    boolean isShared = (stat.mode() & S_ISVTX) != 0 && (stat.mode() & S_IWOTH) != 0;
    if (isShared && owner != stat.uid() && areProtected()) {
      throw Abort.errno(Errno.EACCES);
    }
  }

  /// As nearly everywhere, where we cannot tell.
  private static boolean areProtected() {
    int fd =
        Files.openat(OpenFlags.AT_FDCWD, PROTECTED, OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC, 0);
    if (fd < 0) {
      return true;
    }
    try {
      return !ProcText.read(fd).startsWith("0");
    } finally {
      Files.close(fd);
    }
  }
}
