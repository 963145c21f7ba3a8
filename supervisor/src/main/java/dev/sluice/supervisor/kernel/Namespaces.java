package dev.sluice.supervisor.kernel;

/// ioctl_ns(2). Results are those of the kernel: -errno on error.
public final class Namespaces {
  private static final int NS_GET_PARENT = 0xb702;

  private static final int NS_GET_PID_FROM_PIDNS = 0x8004b706;

  private Namespaces() {}

  /// What thread `pid` of a pid namespace is called in ours (Linux 6.11); -ESRCH if there is none.
  public static int pidFrom(int pidNamespace, int pid) {
    return (int) CLibrary.syscall(SyscallNumber.IOCTL, pidNamespace, NS_GET_PID_FROM_PIDNS, pid);
  }

  /// A descriptor of the user namespace that `userNamespace` was made in (Linux 4.9); -EPERM if
  /// that is none that we see.
  public static int parent(int userNamespace) {
    return (int) CLibrary.syscall(SyscallNumber.IOCTL, userNamespace, NS_GET_PARENT, 0);
  }
}
