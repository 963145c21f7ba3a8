package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;

/// What open, openat, creat and openat2 ask for, in the terms of openat2(2).
public final class OpenRequest {
  private static final int OPEN_HOW_SIZE_VER0 = 24;

  /// `VALID_OPEN_FLAGS` (fcntl.h): open and openat ignore the rest, openat2 refuses it.
  private static final long VALID_FLAGS =
      OpenFlags.O_ACCMODE
          | OpenFlags.O_CREAT
          | OpenFlags.O_EXCL
          | OpenFlags.O_NOCTTY
          | OpenFlags.O_TRUNC
          | OpenFlags.O_APPEND
          | OpenFlags.O_NONBLOCK
          | OpenFlags.O_SYNC
          | 020000 // FASYNC
          | OpenFlags.O_DIRECT
          | OpenFlags.O_LARGEFILE
          | OpenFlags.O_DIRECTORY
          | OpenFlags.O_NOFOLLOW
          | OpenFlags.O_NOATIME
          | OpenFlags.O_CLOEXEC
          | OpenFlags.O_PATH
          | OpenFlags.O_TMPFILE;

  /// `__O_TMPFILE`: EINVAL without O_DIRECTORY, whatever the path leads to.
  private static final long TMPFILE_BIT = OpenFlags.O_TMPFILE & ~OpenFlags.O_DIRECTORY;

  private static final int PATH_FLAGS =
      OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW | OpenFlags.O_PATH | OpenFlags.O_CLOEXEC;

  private static final NativeBytes EMPTY = NativeBytes.ofString("");

  private final NativeBytes how = NativeBytes.allocate(ExtensibleStruct.MAX);
  private long flags;
  private long mode;
  private long resolve;

  /// As in struct open_how, whichever call it was: creat(2) and open(2) in the terms of openat2(2).
  public long flags() {
    return flags;
  }

  public long mode() {
    return mode;
  }

  public long resolve() {
    return resolve;
  }

  public boolean has(int flag) {
    return (flags & flag) == flag;
  }

  /// Whether it asks to change what is there: to write, to truncate, to create.
  public boolean writes() {
    return (flags & OpenFlags.O_ACCMODE) != OpenFlags.O_RDONLY
        || (flags & (OpenFlags.O_TRUNC | OpenFlags.O_CREAT)) != 0
        || has(OpenFlags.O_TMPFILE);
  }

  /// Whether the descriptor is good for reading only.
  public boolean isReadOnly() {
    return (flags & OpenFlags.O_ACCMODE) == OpenFlags.O_RDONLY;
  }

  public boolean reads() {
    int access = (int) (flags & OpenFlags.O_ACCMODE);
    return !has(OpenFlags.O_PATH) && (access == OpenFlags.O_RDONLY || access == OpenFlags.O_RDWR);
  }

  public boolean creates() {
    return (flags & OpenFlags.O_CREAT) != 0 || has(OpenFlags.O_TMPFILE);
  }

  /// From the registers of `call`. Throws [Abort] with what the kernel would say.
  void read(Call call) {
    switch (call.name()) {
      case "open" -> set(call.intArg(1), call.intArg(2));
      case "openat" -> set(call.intArg(2), call.intArg(3));
      case "creat" ->
          set(OpenFlags.O_CREAT | OpenFlags.O_WRONLY | OpenFlags.O_TRUNC, call.intArg(1));
      case "openat2" -> read(call, call.arg(2), call.arg(3));
      default -> throw new IllegalStateException(call.name() + " opens nothing");
    }
  }

  /// From the registers of open, openat or creat. Throws [Abort] with EINVAL where the kernel
  /// would.
  private void set(int registerFlags, int registerMode) {
    // an int in a register: what is above it does not count
    flags = registerFlags & VALID_FLAGS;
    if (has(OpenFlags.O_PATH)) {
      flags &= PATH_FLAGS;
    }
    mode = creates() ? registerMode & 07777 : 0;
    resolve = 0;
    if (creates() || (flags & TMPFILE_BIT) != 0) {
      letKernelCheck();
    }
  }

  /// From the `struct open_how` of openat2, `size` bytes at `address`. Throws [Abort] with what the
  /// kernel would say.
  private void read(Call call, long address, long size) {
    ExtensibleStruct.copy(call, address, size, OPEN_HOW_SIZE_VER0, how);
    flags = how.getLong(0);
    mode = how.getLong(8);
    resolve = how.getLong(16);
    letKernelCheck();
  }

  /// The kernel looks at flags before the path, and an empty path is ENOENT: so it says EINVAL, or
  /// nothing was wrong.
  private void letKernelCheck() {
    int result = Files.openat2(OpenFlags.AT_FDCWD, EMPTY, flags, mode, resolve);
    if (result != -Errno.ENOENT.number()) {
      throw Abort.errno(-result);
    }
  }
}
