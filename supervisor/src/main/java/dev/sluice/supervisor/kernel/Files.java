package dev.sluice.supervisor.kernel;

import static dev.sluice.supervisor.kernel.CLibrary.keep;
import static dev.sluice.supervisor.kernel.CLibrary.syscall;

/// open(2), openat2(2), close(2), read(2), write(2), readlink(2), link(2), rename(2), umask(2).
/// Results are those of the kernel: -errno on error.
public final class Files {
  static final int SIZEOF_OPEN_HOW = 24;
  private static final int MFD_CLOEXEC = 1;
  private static final int MFD_ALLOW_SEALING = 2;
  private static final int F_SETFL = 4;
  private static final int F_ADD_SEALS = 1033;
  private static final int CLONE_FS = 0x200;

  /// SEAL, SHRINK, GROW, WRITE
  private static final int ALL_SEALS = 0xf;

  private Files() {}

  public static int openat(int dirfd, NativeBytes path, int flags, int mode) {
    return (int) keep(syscall(SyscallNumber.OPENAT, dirfd, path.address(), flags, mode), path);
  }

  /// openat2(2), with the fields of its `struct open_how`.
  public static int openat2(int dirfd, NativeBytes path, long flags, long mode, long resolve) {
    NativeBytes how = Scratch.ofThread().how;
    how.putLong(0, flags);
    how.putLong(8, mode);
    how.putLong(16, resolve);
    return (int)
        keep(
            syscall(SyscallNumber.OPENAT2, dirfd, path.address(), how.address(), SIZEOF_OPEN_HOW),
            path);
  }

  /// Opens a path of our own, close-on-exec. Throws [SyscallException]; allocates.
  public static int open(String path, int flags) {
    int fd = openat(OpenFlags.AT_FDCWD, NativeBytes.ofString(path), flags | OpenFlags.O_CLOEXEC, 0);
    return SyscallException.checkInt(fd, "open", path);
  }

  public static int close(int fd) {
    return (int) syscall(SyscallNumber.CLOSE, fd);
  }

  public static int read(int fd, NativeBytes to) {
    return (int) keep(syscall(SyscallNumber.READ, fd, to.address(), to.size()), to);
  }

  /// Writes the link's text to `to`, without a NUL; returns its length.
  public static int readlinkat(int dirfd, NativeBytes path, NativeBytes to) {
    return (int)
        keep(
            syscall(SyscallNumber.READLINKAT, dirfd, path.address(), to.address(), to.size()),
            path,
            to);
  }

  public static int fstat(int fd, Stat stat) {
    return (int) keep(syscall(SyscallNumber.FSTAT, fd, stat.address()), stat);
  }

  /// The status of what `path`, followed, leads to.
  public static int fstatat(int dirfd, NativeBytes path, Stat stat) {
    return (int)
        keep(
            syscall(SyscallNumber.NEWFSTATAT, dirfd, path.address(), stat.address(), 0),
            path,
            stat);
  }

  /// `f_type` of statfs(2), such as 0xef53; -errno on error.
  public static long filesystemType(int fd) {
    var buffer = NativeBytes.allocate(128);
    long rc = syscall(SyscallNumber.FSTATFS, fd, buffer.address());
    return rc < 0 ? rc : buffer.getLong(0);
  }

  /// Whether `path` is there (F_OK).
  public static int faccessat(int dirfd, NativeBytes path) {
    return (int) keep(syscall(SyscallNumber.FACCESSAT, dirfd, path.address(), 0), path);
  }

  /// Replaces the file status flags (`F_SETFL`) of the open file description.
  public static int setStatusFlags(int fd, int flags) {
    return (int) syscall(SyscallNumber.FCNTL, fd, F_SETFL, flags);
  }

  public static int write(int fd, NativeBytes from, long count) {
    return (int) keep(syscall(SyscallNumber.WRITE, fd, from.address(), count), from);
  }

  /// A file of `content` that exists in memory only and that nobody can change any more
  /// (memfd_create(2), fcntl_sealing(2)). Throws [SyscallException].
  public static int sealedFile(String name, byte[] content) {
    var text = NativeBytes.ofString(name);
    int fd =
        SyscallException.checkInt(
            keep(
                syscall(
                    SyscallNumber.MEMFD_CREATE, text.address(), MFD_CLOEXEC | MFD_ALLOW_SEALING),
                text),
            "memfd_create",
            name);
    try {
      var bytes = NativeBytes.of(content);
      for (int written = 0; written < content.length; ) {
        var rest = bytes.slice(written, content.length - written);
        written += SyscallException.checkInt(write(fd, rest, rest.size()), "write", name);
      }
      SyscallException.check(
          syscall(SyscallNumber.FCNTL, fd, F_ADD_SEALS, ALL_SEALS), "fcntl", name);
      // what the target gets starts at the beginning, and cannot be written to
      return SyscallException.checkInt(
          Descriptors.reopen(fd, OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC), "open", name);
    } finally {
      close(fd);
    }
  }

  public static int linkat(int from, NativeBytes name, int to, NativeBytes newName, int flags) {
    return named(SyscallNumber.LINKAT, from, name, to, newName, flags);
  }

  public static int renameat2(int from, NativeBytes name, int to, NativeBytes newName, int flags) {
    return named(SyscallNumber.RENAMEAT2, from, name, to, newName, flags);
  }

  private static int named(
      int nr, int from, NativeBytes name, int to, NativeBytes newName, int flags) {
    long result = syscall(nr, from, name.address(), to, newName.address(), flags, 0);
    return (int) keep(result, name, newName);
  }

  /// Gives the calling thread a umask, root and working directory of its own (unshare(2),
  /// `CLONE_FS`), so that it can take on a target's umask.
  public static void unshareFs() {
    long rc = syscall(SyscallNumber.UNSHARE, CLONE_FS);
    SyscallException.check(rc, "unshare", "CLONE_FS");
  }

  /// Sets the umask of the calling thread, which must have called [#unshareFs]; returns the old
  /// one.
  public static int umask(int mask) {
    return (int) syscall(SyscallNumber.UMASK, mask);
  }
}
