package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Stat;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Whether what was found lies on a mount that is attached, in some mount namespace. Of one that is
/// not (MNT_DETACH of umount2(2), the end of its namespace, fsmount(2)) the kernel shows paths that
/// begin at the mount itself, so that a rule about the place it had would miss it: it is refused.
///
/// Where a mount was found is remembered, and asked again each time: it may have been detached
/// since, by a call that nobody mediates.
final class Attachment {
  /// They are about a mount itself, and made for one that is not attached yet. The kernel refuses
  /// them one that no longer is.
  private static final Set<String> OF_MOUNTS =
      Set.of("move_mount", "mount_setattr", "open_tree", "open_tree_attr", "fspick");

  /// They change nothing; nor do opens to read.
  private static final Set<String> LOOKS =
      Set.of("stat", "lstat", "newfstatat", "statx", "access", "faccessat", "faccessat2");

  private static final int ENOENT = -Errno.ENOENT.number();

  /// Before 6.11 a namespace has no number to ask by.
  private static final long UNKNOWN = -Errno.ENOTTY.number();

  private static final long NONE = -1;
  private static final long ANYWHERE = -1;
  private static final int CAPACITY = 1024;
  private static final int MAX_ANCESTORS = 64;

  /// Whatever becomes of it, its paths are the same: it is where all begin.
  private static final long OWN_ROOT = mountOf(Files.open("/", OpenFlags.O_PATH));

  /// The kernel's own, for files that are in memory only. It is attached nowhere, and shows their
  /// names as paths.
  private static final long MEMORY = mountOf(Files.sealedFile("memory", new byte[0]));

  /// Of 16 GiB; no machine has larger pages.
  private static final int MAX_HUGE_BITS = 34;

  /// Of huge pages, one for each of their sizes.
  private static final Set<Long> HUGE_MEMORY = hugeMemory();

  /// @param namespaceId where the mount was found, as in [Mounts#find]; ANYWHERE if that is not to
  ///   be asked
  private record Entry(long mountId, long namespaceId) {}

  // benign races: an entry is immutable, and checked each time
  private static final @Nullable Entry[] KNOWN = new Entry[CAPACITY];

  private Attachment() {}

  /// Throws [Abort] with EACCES if what `argument` leads to, whose canonical path has been read
  /// before, lies on a mount that is not attached; WOULD_BLOCK if this has to be done on a worker.
  static void check(Call call, PathArgument argument) {
    Stat stat = argument.object >= 0 ? argument.stat(call) : argument.parentStat(call);
    long mountId = stat.mountId();
    if (mountId == OWN_ROOT || !stat.isMountIdUnique()) {
      return; // before 6.8 the kernel does not tell
    }
    Entry known = KNOWN[place(mountId)];
    if (known != null
        && known.mountId == mountId
        && (known.namespaceId == ANYWHERE || isIn(mountId, known.namespaceId))) {
      return;
    }
    if (isUnnamed(call, argument, mountId)) {
      KNOWN[place(mountId)] = new Entry(mountId, ANYWHERE);
    } else if (hasPath(argument)
        && !isAttached(call, mountId)
        && !(argument.isDescriptor() && OF_MOUNTS.contains(call.name()))
        && !(onlyLooks(call) && call.task().executes(stat))) {
      throw Abort.errno(Errno.EACCES);
    }
  }

  /// Whether rules cannot be about the paths of what is on the mount: everybody who may mount may
  /// have a proc(5) at a path of their own, and programs have one that is attached nowhere.
  private static boolean isUnnamed(Call call, PathArgument argument, long mountId) {
    return mountId == MEMORY
        || HUGE_MEMORY.contains(mountId)
        || switch (argument.filesystem(call)) {
          case PROC, UNNAMED -> true;
          case PROMPT, STACKED, SLOW -> false;
        };
  }

  private static Set<Long> hugeMemory() {
    return IntStream.rangeClosed(0, MAX_HUGE_BITS)
        .mapToObj(bits -> mountOf(Files.hugeFile("memory", bits)))
        .filter(mount -> mount != NONE)
        .collect(Collectors.toSet());
  }

  /// At a program that the caller runs anyway: runc(8) executes itself from a mount that it
  /// detaches, and looks at its `/proc/self/exe` then.
  private static boolean onlyLooks(Call call) {
    return call.openRead ? !call.open().writes() : LOOKS.contains(call.name());
  }

  /// Not so a pipe.
  private static boolean hasPath(PathArgument argument) {
    return argument.canonical.length() > 0 && argument.canonical.at(0) == '/';
  }

  /// Looks in the namespaces where it may be: ours, the caller's, and those that its ancestors are
  /// in, from whom it may have a descriptor.
  private static boolean isAttached(Call call, long mountId) {
    if (remember(mountId, Mounts.OWN_NAMESPACE)) {
      return true;
    }
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    Task caller = call.task();
    long namespaceId = caller.mountNamespaceId();
    return namespaceId == UNKNOWN
        || remember(mountId, namespaceId)
        || isWithAncestor(mountId, caller.status().parent());
  }

  private static boolean isWithAncestor(long mountId, int parent) {
    int process = parent;
    for (int i = 0; i < MAX_ANCESTORS && process > 0; i++) {
      int procfd = -1;
      try {
        procfd = Proc.open(process);
        if (remember(mountId, Proc.mountNamespaceId(procfd))) {
          return true;
        }
        process = Proc.status(procfd).parent();
      } catch (Abort ended) {
        return false; // it has ended meanwhile, and who it was the parent of has another
      } finally {
        Files.close(procfd);
      }
    }
    return false;
  }

  /// Remembers where the mount is, if it is there.
  private static boolean remember(long mountId, long namespaceId) {
    boolean found = namespaceId >= 0 && isIn(mountId, namespaceId);
    if (found) {
      KNOWN[place(mountId)] = new Entry(mountId, namespaceId);
    }
    return found;
  }

  /// Also if the kernel is not asked: where that is forbidden to us.
  private static boolean isIn(long mountId, long namespaceId) {
    return Mounts.find(mountId, namespaceId) != ENOENT;
  }

  private static int place(long mountId) {
    return (int) (mountId & (CAPACITY - 1));
  }

  /// The mount that `fd`, which is closed, is on; -1 if that is an errno.
  private static long mountOf(int fd) {
    if (fd < 0) {
      return NONE;
    }
    try {
      var stat = new Stat();
      return Files.fstat(fd, stat) == 0 ? stat.mountId() : NONE;
    } finally {
      Files.close(fd);
    }
  }
}
