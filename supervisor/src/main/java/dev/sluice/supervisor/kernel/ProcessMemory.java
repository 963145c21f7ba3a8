package dev.sluice.supervisor.kernel;

/// process_vm_readv(2) and process_vm_writev(2): another process's memory as it would reach it
/// itself, page protection included (which /proc/PID/mem ignores). They take a thread id as well.
///
/// They go by number, so a recycled pid is read without complaint: [Seccomp#idValid] afterwards,
/// before anything read is used.
public final class ProcessMemory {
  static final long SIZEOF_IOVEC = 16;

  private ProcessMemory() {}

  /// Reads up to `count` bytes at `remote` of task `tid` to `to` + `offset`. Returns how many there
  /// were before the first page that is missing or unreadable; -EFAULT if none, -ESRCH, -EPERM.
  public static int read(int tid, long remote, NativeBytes to, int offset, int count) {
    return transfer(SyscallNumber.PROCESS_VM_READV, tid, remote, to, offset, count);
  }

  /// Writes `count` bytes of `from` + `offset` to `remote` of task `tid`. Returns how many were
  /// written.
  public static int write(int tid, long remote, NativeBytes from, int offset, int count) {
    return transfer(SyscallNumber.PROCESS_VM_WRITEV, tid, remote, from, offset, count);
  }

  private static int transfer(
      int nr, int tid, long remote, NativeBytes local, int offset, int count) {
    if (offset < 0 || count < 0 || (long) offset + count > local.size()) {
      throw new IndexOutOfBoundsException(offset + " + " + count + " > " + local.size());
    }
    NativeBytes iovecs = Scratch.ofThread().iovecs;
    iovecs.putLong(0, local.address() + offset);
    iovecs.putLong(8, count);
    iovecs.putLong(16, remote);
    iovecs.putLong(24, count);
    return (int)
        CLibrary.keep(
            CLibrary.syscall(nr, tid, iovecs.address(), 1, iovecs.address() + SIZEOF_IOVEC, 1, 0),
            local);
  }
}
