package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.SyscallException;
import java.util.ArrayList;
import java.util.List;

/// Descriptors of a task's namespaces and root directory, for a worker that is to join them.
public final class TaskFiles implements AutoCloseable {
  private final List<Integer> opened = new ArrayList<>();
  private final int root;
  private final int workingDirectory;
  private final int userNamespace;
  private final int mountNamespace;
  private final int networkNamespace;
  private final int pidNamespace;
  private final int ipcNamespace;
  private final int cgroupNamespace;

  /// Throws [Abort] if the task has ended, [SyscallException] if one of them cannot be opened.
  TaskFiles(int procfd) {
    root = open(procfd, "root", OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
    workingDirectory = open(procfd, "cwd", OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
    userNamespace = open(procfd, "ns/user", OpenFlags.O_RDONLY);
    mountNamespace = open(procfd, "ns/mnt", OpenFlags.O_RDONLY);
    networkNamespace = open(procfd, "ns/net", OpenFlags.O_RDONLY);
    pidNamespace = open(procfd, "ns/pid", OpenFlags.O_RDONLY);
    ipcNamespace = openIfThere(procfd, "ns/ipc");
    cgroupNamespace = openIfThere(procfd, "ns/cgroup");
  }

  /// -1 if the task has ended, or the kernel has no such namespaces.
  private int openIfThere(int procfd, String name) {
    return Files.faccessat(procfd, NativeBytes.ofString(name)) < 0
        ? -1
        : open(procfd, name, OpenFlags.O_RDONLY);
  }

  /// A task that has ended, reaped or not, has no root and no namespaces any more: ENOENT or ESRCH
  /// (seen on 6.18).
  private int open(int procfd, String name, int flags) {
    int fd = Files.openat(procfd, NativeBytes.ofString(name), flags | OpenFlags.O_CLOEXEC, 0);
    if (fd >= 0) {
      opened.add(fd);
      return fd;
    }
    close();
    if (fd == -Errno.ENOENT.number() || fd == -Errno.ESRCH.number()) {
      throw Abort.GONE;
    }
    return SyscallException.checkInt(fd, "open", "/proc/PID/" + name);
  }

  /// O_PATH, as [#workingDirectory]; closed with these. So are the namespaces (nsfs).
  public int root() {
    return root;
  }

  public int workingDirectory() {
    return workingDirectory;
  }

  public int userNamespace() {
    return userNamespace;
  }

  public int mountNamespace() {
    return mountNamespace;
  }

  public int networkNamespace() {
    return networkNamespace;
  }

  public int pidNamespace() {
    return pidNamespace;
  }

  public int ipcNamespace() {
    return ipcNamespace;
  }

  public int cgroupNamespace() {
    return cgroupNamespace;
  }

  @Override
  public void close() {
    opened.forEach(Files::close);
    opened.clear();
  }
}
