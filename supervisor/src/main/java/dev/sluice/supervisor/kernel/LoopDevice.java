package dev.sluice.supervisor.kernel;

/// A loop(4) device over an image. It ends by itself once it is neither open nor mounted.
public record LoopDevice(String path, int fd) implements AutoCloseable {
  private static final long LOOP_CONFIGURE = 0x4c0a;
  private static final long LOOP_CTL_GET_FREE = 0x4c82;
  private static final int SIZEOF_LOOP_CONFIG = 304;

  private static final int LOOP_MAJOR = 7;
  private static final int S_IFBLK = 0x6000;

  /// Offsets of `fd` and `info.lo_flags` in `struct loop_config` (linux/loop.h).
  private static final int FD = 0;

  private static final int LO_FLAGS = 60;

  private static final int LO_FLAGS_READ_ONLY = 1;
  private static final int LO_FLAGS_AUTOCLEAR = 4;

  /// Others look for a free one too.
  private static final int ATTEMPTS = 64;

  /// Throws [SyscallException].
  ///
  /// @param image a regular file or a block device, open for reading, and for writing if the loop
  ///   device is to be written to
  public static LoopDevice over(int image, boolean writable) {
    int access = writable ? OpenFlags.O_RDWR : OpenFlags.O_RDONLY;
    int control = Files.open("/dev/loop-control", OpenFlags.O_RDWR);
    try {
      for (int i = 0; i < ATTEMPTS; i++) {
        long number = CLibrary.syscall(SyscallNumber.IOCTL, control, LOOP_CTL_GET_FREE, 0);
        SyscallException.check(number, "ioctl", "LOOP_CTL_GET_FREE");
        String path = "/dev/loop" + number;
        int fd = open(path, number, access | OpenFlags.O_CLOEXEC);
        int result = configure(fd, image, writable);
        if (result == 0) {
          return new LoopDevice(path, fd);
        }
        Files.close(fd);
        if (result != -Errno.EBUSY.number()) {
          throw new SyscallException("ioctl", "LOOP_CONFIGURE", -result);
        }
      }
      throw new SyscallException("ioctl", "LOOP_CONFIGURE", Errno.EBUSY.number());
    } finally {
      Files.close(control);
    }
  }

  /// The kernel shows what devices there are in devtmpfs alone: in another `/dev`, as a pod has, we
  /// make a node for one that has come since, and leave it for the next time.
  private static int open(String path, long number, int access) {
    try {
      return Files.open(path, access);
    } catch (SyscallException e) {
      if (e.errno() != Errno.ENOENT.number()) {
        throw e;
      }
    }
    // EEXIST if somebody else has
    int made = Files.mknod(path, S_IFBLK | 0600, Stat.makedev(LOOP_MAJOR, (int) number));
    if (made != -Errno.EEXIST.number()) {
      SyscallException.check(made, "mknod", path);
    }
    return Files.open(path, access);
  }

  /// As in `st_rdev` of stat(2).
  public long number() {
    var stat = new Stat();
    SyscallException.check(Files.fstat(fd, stat), "fstat", path);
    return stat.rdev();
  }

  private static int configure(int fd, int image, boolean writable) {
    var config = NativeBytes.allocate(SIZEOF_LOOP_CONFIG);
    config.putInt(FD, image);
    config.putInt(LO_FLAGS, LO_FLAGS_AUTOCLEAR | (writable ? 0 : LO_FLAGS_READ_ONLY));
    return (int)
        CLibrary.keep(
            CLibrary.syscall(SyscallNumber.IOCTL, fd, LOOP_CONFIGURE, config.address()), config);
  }

  @Override
  public void close() {
    Files.close(fd);
  }
}
