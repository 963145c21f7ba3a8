package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.kernel.Stat;
import dev.sluice.supervisor.syscall.Arch;
import java.util.concurrent.TimeUnit;

/// What kind of file system a mount has, remembered by the mount's number: asking costs a system
/// call. Device numbers would not do: the next file system to be mounted gets that of the last to
/// be unmounted.
public final class Filesystems {
  public enum Kind {
    /// On this machine: it waits for nobody, but perhaps for a disk.
    PROMPT,
    /// overlay: as prompt as what it lies on, which does not show. Somebody else's may lie on what
    /// nobody serves.
    STACKED,
    /// proc(5): prompt, but its content depends on who opens it.
    PROC,
    /// Memory that programs share by descriptors (memfd_secret(2), dma-buf), of a mount of the
    /// kernel's own that nobody can attach, which shows its names as paths.
    UNNAMED,
    /// Served by a network or a user program, which may never answer. So may whatever is not known.
    SLOW
  }

  private static final long PROC_SUPER_MAGIC = 0x9fa0;
  private static final long OVERLAYFS_SUPER_MAGIC = 0x794c7630;
  private static final long SECRETMEM_MAGIC = 0x5345434d;
  private static final long DMA_BUF_MAGIC = 0x444d4142;

  /// statfs(2), linux/magic.h
  private static final long[] PROMPT = {
    0xef53, // ext2, ext3, ext4
    0x01021994, // tmpfs
    0x9123683e, // btrfs
    0x58465342, // xfs
    0x62656572, // sysfs
    0x1cd1, // devpts
    0x73717368, // squashfs
    0xe0f5e1e2, // erofs
    0xf2f52010, // f2fs
    0x2fc12fc1, // zfs
    0x4d44, // vfat
    0x9660, // iso9660
    0x27e0eb, // cgroup
    0x63677270, // cgroup2
    0x64626720, // debugfs
    0x74726163, // tracefs
    0xcafe4a11, // bpf
    0x858458f6, // ramfs
    0x958458f6, // hugetlbfs
    0x19800202, // mqueue
    0x6e736673, // nsfs
    0x50494446, // pidfs
    0x50495045, // pipefs
    0x534f434b, // sockfs
    0x09041934, // anonymous inodes
  };

  private static final int FSTATFS = Arch.host().number("fstatfs").orElseThrow();
  private static final int SIZEOF_STATFS = 120;
  private static final int CAPACITY = 1024;

  /// How long what is known holds where a number may come to mean another mount (before 6.8).
  private static final long BRIEF_NANOS = TimeUnit.SECONDS.toNanos(1);

  /// @param untilNanos when it is to be asked for again; 0 if never
  private record Entry(long mountId, Kind kind, long untilNanos) {}

  private static final Entry[] KNOWN = new Entry[CAPACITY];

  private Filesystems() {}

  /// The kind of the file system that `fd`, whose status is `stat`, is on. Throws [Abort], with
  /// WOULD_BLOCK if only the file system itself can tell.
  public static Kind of(Call call, int fd, Stat stat) {
    long mountId = stat.mountId();
    int place = (int) (mountId & (CAPACITY - 1));
    // benign race: an entry is immutable, and whoever reads an old one asks again
    Entry entry = KNOWN[place];
    if (entry == null || entry.mountId != mountId || isOver(entry)) {
      boolean unique = stat.isMountIdUnique();
      Kind kind = kindOf(unique ? typeOf(call, fd, mountId) : ask(call, fd));
      entry = new Entry(mountId, kind, unique ? 0 : System.nanoTime() + BRIEF_NANOS | 1);
      KNOWN[place] = entry;
    }
    return entry.kind;
  }

  private static boolean isOver(Entry entry) {
    return entry.untilNanos != 0 && System.nanoTime() - entry.untilNanos > 0;
  }

  private static long typeOf(Call call, int fd, long mountId) {
    long type = Mounts.filesystemType(mountId);
    if (type < 0) {
      long namespace = call.task().mountNamespaceId();
      type = namespace < 0 ? namespace : Mounts.filesystemType(mountId, namespace);
    }
    return type < 0 ? ask(call, fd) : type;
  }

  /// For a mount that the kernel says nothing of, such as one of no namespace: by a process that
  /// can be killed, as the question goes to the server.
  private static long ask(Call call, int fd) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    var operation = new Operation().begin(FSTATFS).descriptor(fd).output(SIZEOF_STATFS);
    long result = call.patientSyscalls().make(operation, true);
    if (result < 0) {
      throw Abort.errno((int) -result); // it could be proc(5)
    }
    return operation.buffer(SIZEOF_STATFS).getLong(0);
  }

  private static Kind kindOf(long type) {
    if (type == PROC_SUPER_MAGIC) {
      return Kind.PROC;
    }
    if (type == OVERLAYFS_SUPER_MAGIC) {
      return Kind.STACKED;
    }
    if (type == SECRETMEM_MAGIC || type == DMA_BUF_MAGIC) {
      return Kind.UNNAMED;
    }
    for (long prompt : PROMPT) {
      if (type == prompt) {
        return Kind.PROMPT;
      }
    }
    return Kind.SLOW;
  }
}
