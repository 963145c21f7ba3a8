package dev.sluice.supervisor.kernel;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/// `struct statx` of statx(2): what stat(2) says of a file, in one form for all architectures. We
/// have it filled without asking a server that may not answer (AT_STATX_DONT_SYNC): what never
/// changes is right, a count of links may be old.
public final class Stat {
  /// What stat(2) asks for.
  public static final int STATX_BASIC_STATS = 0x7ff;

  private static final int STATX_MNT_ID = 0x1000;

  /// Since 6.8; instead of STATX_MNT_ID.
  private static final int STATX_MNT_ID_UNIQUE = 0x4000;

  /// What is asked for.
  public static final int WANTED = STATX_BASIC_STATS | STATX_MNT_ID | STATX_MNT_ID_UNIQUE;

  /// A `struct statx_timestamp`: seconds and nanoseconds.
  private static final long NANOSECONDS = Long.BYTES;

  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          JAVA_INT.withName("stx_mask"),
          JAVA_INT.withName("stx_blksize"),
          JAVA_LONG.withName("stx_attributes"),
          JAVA_INT.withName("stx_nlink"),
          JAVA_INT.withName("stx_uid"),
          JAVA_INT.withName("stx_gid"),
          JAVA_SHORT.withName("stx_mode"),
          MemoryLayout.paddingLayout(2),
          JAVA_LONG.withName("stx_ino"),
          JAVA_LONG.withName("stx_size"),
          JAVA_LONG.withName("stx_blocks"),
          JAVA_LONG.withName("stx_attributes_mask"),
          time("stx_atime"),
          time("stx_btime"),
          time("stx_ctime"),
          time("stx_mtime"),
          JAVA_INT.withName("stx_rdev_major"),
          JAVA_INT.withName("stx_rdev_minor"),
          JAVA_INT.withName("stx_dev_major"),
          JAVA_INT.withName("stx_dev_minor"),
          JAVA_LONG.withName("stx_mnt_id"),
          MemoryLayout.paddingLayout(104));

  private static final VarHandle MASK = field("stx_mask");
  private static final VarHandle BLKSIZE = field("stx_blksize");
  private static final VarHandle NLINK = field("stx_nlink");
  private static final VarHandle UID = field("stx_uid");
  private static final VarHandle GID = field("stx_gid");
  private static final VarHandle MODE = field("stx_mode");
  private static final VarHandle INO = field("stx_ino");
  private static final VarHandle SIZE = field("stx_size");
  private static final VarHandle BLOCKS = field("stx_blocks");
  private static final VarHandle RDEV_MAJOR = field("stx_rdev_major");
  private static final VarHandle RDEV_MINOR = field("stx_rdev_minor");
  private static final VarHandle DEV_MAJOR = field("stx_dev_major");
  private static final VarHandle DEV_MINOR = field("stx_dev_minor");
  private static final VarHandle MNT_ID = field("stx_mnt_id");

  private static final int S_IFMT = 0170000;
  private static final int S_IFIFO = 0010000;
  private static final int S_IFCHR = 0020000;
  private static final int S_IFDIR = 0040000;
  private static final int S_IFREG = 0100000;
  private static final int S_IFLNK = 0120000;
  private static final int S_IFSOCK = 0140000;

  /// One of its three times.
  public enum Time {
    ACCESS("stx_atime"),
    MODIFICATION("stx_mtime"),
    CHANGE("stx_ctime");

    private final long offset;

    Time(String field) {
      offset = LAYOUT.byteOffset(groupElement(field));
    }
  }

  private final NativeBytes bytes;

  public Stat() {
    this(NativeBytes.allocate(LAYOUT.byteSize()));
  }

  /// What has been written to `bytes`, a `struct statx`.
  public Stat(NativeBytes bytes) {
    this.bytes = bytes;
  }

  private static MemoryLayout time(String name) {
    return MemoryLayout.structLayout(JAVA_LONG, JAVA_INT, MemoryLayout.paddingLayout(4))
        .withName(name);
  }

  private static VarHandle field(String name) {
    return LAYOUT.varHandle(groupElement(name));
  }

  /// `sizeof(struct statx)`.
  public static int size() {
    return (int) LAYOUT.byteSize();
  }

  long address() {
    return bytes.address();
  }

  /// The struct itself, to be written to.
  public NativeBytes bytes() {
    return bytes;
  }

  /// As in `st_dev` of stat(2).
  public long dev() {
    return makedev(number(DEV_MAJOR), number(DEV_MINOR));
  }

  /// As in `st_rdev` of stat(2).
  public long rdev() {
    return makedev(number(RDEV_MAJOR), number(RDEV_MINOR));
  }

  public long ino() {
    return (long) INO.get(bytes.segment(), 0L);
  }

  public int nlink() {
    return number(NLINK);
  }

  public int mode() {
    return (short) MODE.get(bytes.segment(), 0L) & 0xffff;
  }

  public int uid() {
    return number(UID);
  }

  public int gid() {
    return number(GID);
  }

  public long length() {
    return (long) SIZE.get(bytes.segment(), 0L);
  }

  /// Of 512 bytes.
  public long blocks() {
    return (long) BLOCKS.get(bytes.segment(), 0L);
  }

  public int blockSize() {
    return number(BLKSIZE);
  }

  public long seconds(Time time) {
    return bytes.getLong(time.offset);
  }

  public int nanoseconds(Time time) {
    return bytes.getInt(time.offset + NANOSECONDS);
  }

  /// The mount it was reached through.
  public long mountId() {
    return (long) MNT_ID.get(bytes.segment(), 0L);
  }

  /// Whether no other mount ever gets that number (since 6.8).
  public boolean isMountIdUnique() {
    return (number(MASK) & STATX_MNT_ID_UNIQUE) != 0;
  }

  private int number(VarHandle field) {
    return (int) field.get(bytes.segment(), 0L);
  }

  public boolean isSocket() {
    return (mode() & S_IFMT) == S_IFSOCK;
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

  static long makedev(int major, int minor) {
    return (minor & 0xffL)
        | (major & 0xfffL) << 8
        | (minor & 0xffffff00L) << 12
        | (major & 0xfffff000L) << 32;
  }

  /// makedev(3): major and minor of a device number as the kernel hands it out.
  public static int major(long dev) {
    return (int) ((dev >>> 8 & 0xfff) | (dev >>> 32 & ~0xfff));
  }

  public static int minor(long dev) {
    return (int) ((dev & 0xff) | (dev >>> 12 & ~0xff));
  }
}
