package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Files;

/// What kind of file system a device number (`st_dev`) belongs to, remembered: asking costs a
/// system call.
public final class Filesystems {
  public enum Kind {
    /// On this machine: opening a cached file does not wait for anybody.
    PROMPT,
    /// proc(5): prompt, but its content depends on who opens it.
    PROC,
    /// Served by a network or a user program, which may never answer.
    SLOW
  }

  private static final long PROC_SUPER_MAGIC = 0x9fa0;

  /// statfs(2), linux/magic.h
  private static final long[] PROMPT = {
    0xef53, // ext2, ext3, ext4
    0x01021994, // tmpfs
    0x9123683e, // btrfs
    0x58465342, // xfs
    0x794c7630, // overlay
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
    0x50495045, // pipefs
    0x534f434b, // sockfs
    0x09041934, // anonymous inodes
  };

  private static final int CAPACITY = 64;

  private record Entry(long dev, Kind kind) {}

  private static final Entry[] KNOWN = new Entry[CAPACITY];

  private Filesystems() {}

  /// The kind of the file system that `fd` is on, whose `st_dev` is `dev`.
  public static Kind of(int fd, long dev) {
    int place = Long.hashCode(dev * 0x9e3779b97f4a7c15L) & (CAPACITY - 1);
    // benign race: an entry is immutable, and whoever reads an old one asks again
    Entry entry = KNOWN[place];
    if (entry == null || entry.dev != dev) {
      entry = new Entry(dev, ask(fd));
      KNOWN[place] = entry;
    }
    return entry.kind;
  }

  private static Kind ask(int fd) {
    long type = Files.filesystemType(fd);
    if (type == PROC_SUPER_MAGIC) {
      return Kind.PROC;
    }
    for (long prompt : PROMPT) {
      if (type == prompt) {
        return Kind.PROMPT;
      }
    }
    return Kind.SLOW;
  }
}
