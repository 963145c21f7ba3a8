package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.SyscallException;

/// Descriptors of a task's namespaces and root directory, for a worker that is to join them.
public final class TaskFiles implements AutoCloseable {
  private final int root;
  private final int userNamespace;
  private final int mountNamespace;
  private final int networkNamespace;
  private final int pidNamespace;
  private final int ipcNamespace;

  TaskFiles(int procfd) {
    root = open(procfd, "root", OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
    userNamespace = open(procfd, "ns/user", OpenFlags.O_RDONLY);
    mountNamespace = open(procfd, "ns/mnt", OpenFlags.O_RDONLY);
    networkNamespace = open(procfd, "ns/net", OpenFlags.O_RDONLY);
    pidNamespace = open(procfd, "ns/pid", OpenFlags.O_RDONLY);
    ipcNamespace = open(procfd, "ns/ipc", OpenFlags.O_RDONLY);
  }

  private static int open(int procfd, String name, int flags) {
    int fd = Files.openat(procfd, NativeBytes.ofString(name), flags | OpenFlags.O_CLOEXEC, 0);
    return SyscallException.checkInt(fd, "open", "/proc/PID/" + name);
  }

  public int root() {
    return root;
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

  @Override
  public void close() {
    Files.close(root);
    Files.close(userNamespace);
    Files.close(mountNamespace);
    Files.close(networkNamespace);
    Files.close(pidNamespace);
    Files.close(ipcNamespace);
  }
}
