package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Stat;
import dev.sluice.supervisor.syscall.Arch;

/// The status of what is held for a call.
///
/// Of a file of fuse(4), only those learn it who may: the user who mounted it, or everybody in its
/// user namespace (allow_other). We need not be one of them, even as root; the caller may be.
final class FileStatus {
  private static final int STATX = Arch.host().number("statx").orElseThrow();
  private static final int EACCES = -Errno.EACCES.number();

  private FileStatus() {}

  /// Throws [Abort], with WOULD_BLOCK on the event loop if another process is to be asked. Where
  /// the caller may not know either, there are but the device and the mount.
  static void read(Call call, int fd, Stat to) {
    int result = Files.fstat(fd, to);
    if (result == EACCES) {
      result = ask(call, fd, to);
    }
    Abort.check(result == EACCES ? Files.fstatMount(fd, to) : result);
  }

  private static int ask(Call call, int fd, Stat to) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    var operation =
        new Operation()
            .begin(STATX)
            .itself(fd)
            .value(OpenFlags.AT_EMPTY_PATH | Files.AT_STATX_DONT_SYNC)
            .value(Stat.WANTED)
            .output(to.bytes(), Stat.size());
    return (int) call.patientSyscalls().make(operation, true);
  }
}
