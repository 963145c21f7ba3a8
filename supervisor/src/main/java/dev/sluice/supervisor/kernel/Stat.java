package dev.sluice.supervisor.kernel;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/// `struct stat` of stat(2), the fields a supervisor looks at.
public final class Stat {
  private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");

  /// asm/stat.h of x86-64; asm-generic/stat.h of arm64 has st_mode and st_nlink, both 32 bits, in
  /// its place.
  static final StructLayout LAYOUT =
      ARM
          ? MemoryLayout.structLayout(
              JAVA_LONG.withName("st_dev"),
              JAVA_LONG.withName("st_ino"),
              JAVA_INT.withName("st_mode"),
              JAVA_INT.withName("st_nlink"),
              JAVA_INT.withName("st_uid"),
              JAVA_INT.withName("st_gid"),
              JAVA_LONG.withName("st_rdev"),
              MemoryLayout.paddingLayout(88))
          : MemoryLayout.structLayout(
              JAVA_LONG.withName("st_dev"),
              JAVA_LONG.withName("st_ino"),
              JAVA_LONG.withName("st_nlink"),
              JAVA_INT.withName("st_mode"),
              JAVA_INT.withName("st_uid"),
              JAVA_INT.withName("st_gid"),
              MemoryLayout.paddingLayout(4),
              JAVA_LONG.withName("st_rdev"),
              MemoryLayout.paddingLayout(96));

  private static final VarHandle DEV = LAYOUT.varHandle(groupElement("st_dev"));
  private static final VarHandle INO = LAYOUT.varHandle(groupElement("st_ino"));
  private static final VarHandle NLINK = LAYOUT.varHandle(groupElement("st_nlink"));
  private static final VarHandle MODE = LAYOUT.varHandle(groupElement("st_mode"));
  private static final VarHandle RDEV = LAYOUT.varHandle(groupElement("st_rdev"));

  private static final int S_IFMT = 0170000;
  private static final int S_IFIFO = 0010000;
  private static final int S_IFCHR = 0020000;
  private static final int S_IFDIR = 0040000;
  private static final int S_IFREG = 0100000;
  private static final int S_IFLNK = 0120000;

  private final NativeBytes bytes = NativeBytes.allocate(LAYOUT.byteSize());

  long address() {
    return bytes.address();
  }

  public long dev() {
    return (long) DEV.get(bytes.segment(), 0L);
  }

  public long ino() {
    return (long) INO.get(bytes.segment(), 0L);
  }

  public long nlink() {
    return ARM ? (int) NLINK.get(bytes.segment(), 0L) : (long) NLINK.get(bytes.segment(), 0L);
  }

  public int mode() {
    return (int) MODE.get(bytes.segment(), 0L);
  }

  public long rdev() {
    return (long) RDEV.get(bytes.segment(), 0L);
  }

  public boolean isRegular() {
    return (mode() & S_IFMT) == S_IFREG;
  }

  public boolean isDirectory() {
    return (mode() & S_IFMT) == S_IFDIR;
  }

  public boolean isSymlink() {
    return (mode() & S_IFMT) == S_IFLNK;
  }

  public boolean isFifo() {
    return (mode() & S_IFMT) == S_IFIFO;
  }

  public boolean isCharacterDevice() {
    return (mode() & S_IFMT) == S_IFCHR;
  }

  /// makedev(3): major and minor of a device number as the kernel hands it out.
  public static int major(long dev) {
    return (int) ((dev >>> 8 & 0xfff) | (dev >>> 32 & ~0xfff));
  }

  public static int minor(long dev) {
    return (int) ((dev & 0xff) | (dev >>> 12 & ~0xff));
  }
}
