package dev.sluice.supervisor.kernel;

/// The memory that a task has now. Whatever program comes to run under its number, this stays the
/// memory of the one before, unlike in [ProcessMemory]: what /proc/PID/mem and /proc/PID/maps show
/// is decided when they are opened.
///
/// To write to the former ignores page protection, so the latter is asked first (PROCMAP_QUERY,
/// since Linux 6.11).
public final class AddressSpace implements AutoCloseable {
  private static final long PROCMAP_QUERY = 0xc0686611L;
  private static final int SIZEOF_PROCMAP_QUERY = 104;
  private static final int QUERY_ADDR = 16;
  private static final int VMA_END = 32;
  private static final int VMA_FLAGS = 40;
  private static final long PROCMAP_QUERY_VMA_WRITABLE = 2;

  private final int mem;
  private final int maps;
  private final NativeBytes query = NativeBytes.allocate(SIZEOF_PROCMAP_QUERY);

  private AddressSpace(int mem, int maps) {
    this.mem = mem;
    this.maps = maps;
  }

  /// That of thread `tid`. Throws [SyscallException] with ENOENT or ESRCH if there is none, with
  /// EACCES or EPERM if it is not ours to write to.
  public static AddressSpace of(int tid) {
    String directory = "/proc/" + tid;
    int mem = open(directory + "/mem", OpenFlags.O_WRONLY);
    try {
      return new AddressSpace(mem, open(directory + "/maps", OpenFlags.O_RDONLY));
    } catch (SyscallException e) {
      Files.close(mem);
      throw e;
    }
  }

  private static int open(String path, int flags) {
    return SyscallException.checkInt(Files.open(path, flags | OpenFlags.O_CLOEXEC), "open", path);
  }

  /// Writes `count` bytes of `from` + `offset` to `remote`. Returns how many were written before
  /// the first page that is missing or not writable; -EFAULT if none, -ENOTTY before Linux 6.11.
  public int write(long remote, NativeBytes from, int offset, int count) {
    if (offset < 0 || count < 0 || (long) offset + count > from.size()) {
      throw new IndexOutOfBoundsException(offset + " + " + count + " > " + from.size());
    }
    int done = 0;
    while (done < count) {
      long end = endOfWritable(remote + done);
      if (end == -Errno.ENOTTY.number()) {
        return -Errno.ENOTTY.number();
      }
      int piece = (int) Math.min(count - done, end - (remote + done));
      int written = end <= 0 ? 0 : write(remote + done, from.address() + offset + done, piece);
      if (written <= 0) {
        return done == 0 ? -Errno.EFAULT.number() : done;
      }
      done += written;
    }
    return (int) CLibrary.keep(done, from);
  }

  private int write(long remote, long local, int count) {
    return (int) CLibrary.syscall(SyscallNumber.PWRITE64, mem, local, count, remote);
  }

  /// Where the mapping ends that `address` is in; 0 if there is none, or it is not writable.
  private long endOfWritable(long address) {
    for (int i = 0; i < SIZEOF_PROCMAP_QUERY; i += Long.BYTES) {
      query.putLong(i, 0);
    }
    query.putLong(0, SIZEOF_PROCMAP_QUERY);
    query.putLong(QUERY_ADDR, address);
    long rc =
        CLibrary.keep(
            CLibrary.syscall(SyscallNumber.IOCTL, maps, PROCMAP_QUERY, query.address()), query);
    if (rc < 0) {
      return rc == -Errno.ENOTTY.number() ? rc : 0;
    }
    boolean isWritable = (query.getLong(VMA_FLAGS) & PROCMAP_QUERY_VMA_WRITABLE) != 0;
    return isWritable ? query.getLong(VMA_END) : 0;
  }

  @Override
  public void close() {
    Files.close(mem);
    Files.close(maps);
  }
}
