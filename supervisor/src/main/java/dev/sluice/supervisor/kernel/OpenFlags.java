package dev.sluice.supervisor.kernel;

/// The flags of open(2) and openat2(2), with the numbers of the architecture the JVM runs on.
public final class OpenFlags {
  private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");

  public static final int O_ACCMODE = 3;
  public static final int O_RDONLY = 0;
  public static final int O_WRONLY = 1;
  public static final int O_RDWR = 2;
  public static final int O_CREAT = 0100;
  public static final int O_EXCL = 0200;
  public static final int O_NOCTTY = 0400;
  public static final int O_TRUNC = 01000;
  public static final int O_APPEND = 02000;
  public static final int O_NONBLOCK = 04000;
  public static final int O_DSYNC = 010000;
  public static final int O_DIRECT = ARM ? 0200000 : 040000;
  public static final int O_LARGEFILE = ARM ? 0400000 : 0100000;
  public static final int O_DIRECTORY = ARM ? 040000 : 0200000;
  public static final int O_NOFOLLOW = ARM ? 0100000 : 0400000;
  public static final int O_NOATIME = 01000000;
  public static final int O_CLOEXEC = 02000000;
  public static final int O_SYNC = 04010000;
  public static final int O_PATH = 010000000;

  /// `O_TMPFILE` as open(2) has it: the bit together with O_DIRECTORY.
  public static final int O_TMPFILE = 020000000 | O_DIRECTORY;

  public static final int AT_FDCWD = -100;
  public static final int AT_SYMLINK_NOFOLLOW = 0x100;
  public static final int AT_SYMLINK_FOLLOW = 0x400;
  public static final int AT_EMPTY_PATH = 0x1000;

  /// openat2(2)
  public static final int RESOLVE_NO_XDEV = 0x01;

  public static final int RESOLVE_NO_MAGICLINKS = 0x02;
  public static final int RESOLVE_NO_SYMLINKS = 0x04;
  public static final int RESOLVE_BENEATH = 0x08;
  public static final int RESOLVE_IN_ROOT = 0x10;
  public static final int RESOLVE_CACHED = 0x20;

  private OpenFlags() {}
}
