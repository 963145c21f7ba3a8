package dev.sluice.supervisor.kernel;

import static dev.sluice.supervisor.kernel.CLibrary.keep;
import static dev.sluice.supervisor.kernel.CLibrary.syscall;

/// open(2), openat2(2), close(2), read(2), write(2), readlink(2), statx(2), flock(2), umask(2).
/// Results are those of the kernel: -errno on error.
public final class Files {
  static final int SIZEOF_OPEN_HOW = 24;
  private static final int MFD_CLOEXEC = 1;
  private static final int MFD_ALLOW_SEALING = 2;
  private static final int MFD_HUGETLB = 4;
  private static final int MFD_HUGE_SHIFT = 26;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int F_SETFD = 2;
  private static final int FD_CLOEXEC = 1;
  private static final int F_GETFL = 3;
  private static final int MFD_NOEXEC_SEAL = 8;
  private static final int READABLE = 0444;
  private static final int F_SETFL = 4;
  private static final int F_ADD_SEALS = 1033;
  private static final int F_SETLEASE = 1024;
  private static final int F_RDLCK = 0;
  private static final int F_UNLCK = 2;
  private static final int CLONE_FS = 0x200;
  private static final int LOCK_EX = 2;
  private static final int LOCK_NB = 4;
  public static final int AT_STATX_DONT_SYNC = 0x4000;
  private static final NativeBytes EMPTY = NativeBytes.ofString("");
  private static final boolean NULL_TAKEN = askForNull();

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

  /// Makes a node at a path of our own, of the device `number` as in `st_rdev`. Returns -errno on
  /// error; allocates.
  static int mknod(String path, int mode, long number) {
    var name = NativeBytes.ofString(path);
    long result = syscall(SyscallNumber.MKNODAT, OpenFlags.AT_FDCWD, name.address(), mode, number);
    return (int) keep(result, name);
  }

  public static int close(int fd) {
    return (int) syscall(SyscallNumber.CLOSE, fd);
  }

  public static int read(int fd, NativeBytes to) {
    return read(fd, to, 0);
  }

  /// Reads to what lies behind the first `from` bytes of `to`.
  public static int read(int fd, NativeBytes to, int from) {
    return (int) keep(syscall(SyscallNumber.READ, fd, to.address() + from, to.size() - from), to);
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
    return statx(fd, EMPTY, OpenFlags.AT_EMPTY_PATH, Stat.WANTED, stat);
  }

  /// Its device and mount only, which everybody may know.
  public static int fstatMount(int fd, Stat stat) {
    return statx(fd, EMPTY, OpenFlags.AT_EMPTY_PATH, 0, stat);
  }

  /// The status of what `path`, followed, leads to.
  public static int fstatat(int dirfd, NativeBytes path, Stat stat) {
    return statx(dirfd, path, 0, Stat.WANTED, stat);
  }

  private static int statx(int dirfd, NativeBytes path, int flags, int mask, Stat stat) {
    long result =
        syscall(
            SyscallNumber.STATX,
            dirfd,
            path.address(),
            flags | AT_STATX_DONT_SYNC,
            mask,
            stat.address(),
            0);
    return (int) keep(result, path, stat);
  }

  /// Whether newfstatat and statx take NULL for the empty path (6.11).
  public static boolean statTakesNull() {
    return NULL_TAKEN;
  }

  private static boolean askForNull() {
    var stat = new Stat();
    long result =
        syscall(
            SyscallNumber.STATX,
            OpenFlags.AT_FDCWD,
            0,
            OpenFlags.AT_EMPTY_PATH,
            0,
            stat.address(),
            0);
    return keep(result, stat) == 0;
  }

  /// Whether `path` is there (F_OK).
  public static int faccessat(int dirfd, NativeBytes path) {
    return (int) keep(syscall(SyscallNumber.FACCESSAT, dirfd, path.address(), 0), path);
  }

  /// The access mode and file status flags (`F_GETFL`); -errno on error.
  public static int statusFlags(int fd) {
    return (int) syscall(SyscallNumber.FCNTL, fd, F_GETFL, 0);
  }

  /// Keeps `fd` from whatever programs we start (`F_SETFD`).
  public static int setCloseOnExec(int fd) {
    return (int) syscall(SyscallNumber.FCNTL, fd, F_SETFD, FD_CLOEXEC);
  }

  /// Another descriptor of the same open file description, close-on-exec; -errno on error.
  public static int duplicate(int fd) {
    return (int) syscall(SyscallNumber.FCNTL, fd, F_DUPFD_CLOEXEC, 0);
  }

  /// Replaces the file status flags (`F_SETFL`) of the open file description.
  public static int setStatusFlags(int fd, int flags) {
    return (int) syscall(SyscallNumber.FCNTL, fd, F_SETFL, flags);
  }

  /// Locks the open file description against all others of the same file, without waiting
  /// (flock(2)); -EAGAIN if one of them is locked.
  public static int lock(int fd) {
    return (int) syscall(SyscallNumber.FLOCK, fd, LOCK_EX | LOCK_NB);
  }

  /// lseek(2) to a place (SEEK_SET): of a directory, one that it has told.
  public static long seek(int fd, long offset) {
    return syscall(SyscallNumber.LSEEK, fd, offset, 0);
  }

  /// Where the next read begins: lseek(2), SEEK_CUR.
  public static long tell(int fd) {
    return syscall(SyscallNumber.LSEEK, fd, 0, 1);
  }

  /// pipe2(2), close-on-exec. Returns 0, with the end to read from and the one to write to as two
  /// ints of `ends`, or -errno.
  public static int pipe(NativeBytes ends) {
    return (int) keep(syscall(SyscallNumber.PIPE2, ends.address(), OpenFlags.O_CLOEXEC), ends);
  }

  public static int write(int fd, NativeBytes from, long count) {
    return (int) keep(syscall(SyscallNumber.WRITE, fd, from.address(), count), from);
  }

  /// Whether anybody has the file of `fd`, which is ours and open for reading, open for writing; as
  /// far as its file system tells (a lease of fcntl(2)).
  static boolean hasWriter(int fd) {
    if (syscall(SyscallNumber.FCNTL, fd, F_SETLEASE, F_RDLCK) == -Errno.EAGAIN.number()) {
      return true;
    }
    syscall(SyscallNumber.FCNTL, fd, F_SETLEASE, F_UNLCK);
    return false;
  }

  /// A file of `content` that exists in memory only, that everybody may read and nobody can change
  /// any more (memfd_create(2), fcntl_sealing(2)). Throws [SyscallException].
  public static int sealedFile(String name, byte[] content) {
    int fd = memfd(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
    if (fd == -Errno.EINVAL.number()) {
      fd = memfd(name, MFD_CLOEXEC | MFD_ALLOW_SEALING); // before 6.3
    }
    SyscallException.checkInt(fd, "memfd_create", name);
    try {
      var bytes = NativeBytes.of(content);
      for (int written = 0; written < content.length; ) {
        var rest = bytes.slice(written, content.length - written);
        written += SyscallException.checkInt(write(fd, rest, rest.size()), "write", name);
      }
      SyscallException.check(syscall(SyscallNumber.FCHMOD, fd, READABLE), "fchmod", name);
      SyscallException.check(
          syscall(SyscallNumber.FCNTL, fd, F_ADD_SEALS, ALL_SEALS), "fcntl", name);
      // what the target gets starts at the beginning, and cannot be written to
      return SyscallException.checkInt(
          Descriptors.reopen(fd, OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC), "open", name);
    } finally {
      close(fd);
    }
  }

  /// An empty file of huge pages that exists in memory only; -errno where there are none.
  ///
  /// @param bits of an offset within one; 0 for pages of the usual size
  public static int hugeFile(String name, int bits) {
    return memfd(name, MFD_CLOEXEC | MFD_HUGETLB | bits << MFD_HUGE_SHIFT);
  }

  private static int memfd(String name, int flags) {
    var text = NativeBytes.ofString(name);
    return (int) keep(syscall(SyscallNumber.MEMFD_CREATE, text.address(), flags), text);
  }

  /// Gives the calling thread a umask, root and working directory of its own (unshare(2),
  /// `CLONE_FS`), so that it can take on a target's umask.
  public static void unshareFs() {
    long rc = syscall(SyscallNumber.UNSHARE, CLONE_FS);
    SyscallException.check(rc, "unshare", "CLONE_FS");
  }

  /// Changes the working directory of the calling thread, which must have called [#unshareFs].
  public static int fchdir(int directory) {
    return (int) syscall(SyscallNumber.FCHDIR, directory);
  }

  /// Sets the umask of the calling thread, which must have called [#unshareFs]; returns the old
  /// one.
  public static int umask(int mask) {
    return (int) syscall(SyscallNumber.UMASK, mask);
  }
}
