package dev.sluice.supervisor.kernel;

/// ioctl_ns(2). Results are those of the kernel: -errno on error.
public final class Namespaces {
  private static final int NS_GET_USERNS = 0xb701;

  private static final int NS_GET_PARENT = 0xb702;

  private static final int NS_GET_MNTNS_ID = 0x8008b705;

  private static final int NS_GET_PID_FROM_PIDNS = 0x8004b706;

  private Namespaces() {}

  /// What thread `pid` of a pid namespace is called in ours; -ESRCH if there is none, and -ENOTTY
  /// before Linux 6.11.
  public static int pidFrom(int pidNamespace, int pid) {
    return (int) CLibrary.syscall(SyscallNumber.IOCTL, pidNamespace, NS_GET_PID_FROM_PIDNS, pid);
  }

  /// What statmount(2) calls a mount namespace (Linux 6.11).
  public static long mountNamespaceId(int mountNamespace) {
    var id = NativeBytes.allocate(Long.BYTES);
    long result =
        CLibrary.syscall(SyscallNumber.IOCTL, mountNamespace, NS_GET_MNTNS_ID, id.address());
    return CLibrary.keep(result, id) < 0 ? result : id.getLong(0);
  }

  /// Whether a namespace of another kind belongs to `userNamespace` (Linux 4.9).
  public static boolean isOwnedBy(int namespace, int userNamespace) {
    int owner = (int) CLibrary.syscall(SyscallNumber.IOCTL, namespace, NS_GET_USERNS, 0);
    try {
      var theirs = new Stat();
      var wanted = new Stat();
      return owner >= 0
          && Files.fstat(owner, theirs) == 0
          && Files.fstat(userNamespace, wanted) == 0
          && theirs.ino() == wanted.ino()
          && theirs.dev() == wanted.dev();
    } finally {
      Files.close(owner);
    }
  }

  /// A descriptor of the user namespace that `userNamespace` was made in (Linux 4.9); -EPERM if
  /// that is none that we see.
  public static int parent(int userNamespace) {
    return (int) CLibrary.syscall(SyscallNumber.IOCTL, userNamespace, NS_GET_PARENT, 0);
  }
}
