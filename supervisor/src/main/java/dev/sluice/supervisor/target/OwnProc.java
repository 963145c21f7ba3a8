package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Stat;
import java.util.List;

/// What belongs to a target itself in proc(5). There it may look at its descriptors and its memory
/// and follow its links whatever its ids and capabilities are (`ptrace_may_access`,
/// `proc_fd_permission`); a process that is like it in all that may not, if the target is not
/// dumpable (PR_SET_DUMPABLE of prctl(2)) or has more capabilities. So it is up to us then.
final class OwnProc {
  private static final String DESCRIPTORS = "/fd";
  private static final String FACTS = "/fdinfo";
  private static final String MAPPED = "/map_files";

  private static final List<String> DIRECTORIES = List.of("", DESCRIPTORS, FACTS, MAPPED, "/ns");

  private OwnProc() {}

  /// Whether `fd` is the directory of the caller's process or thread, or one in it whose names are
  /// looked for.
  static boolean isDirectory(Call call, int fd) {
    return DIRECTORIES.stream().anyMatch(name -> is(call, fd, name));
  }

  /// Whether it is one of those where everybody may do anything with their own.
  static boolean isOpen(Call call, int fd) {
    return is(call, fd, DESCRIPTORS) || is(call, fd, MAPPED);
  }

  /// Whether it is that of the facts about descriptors, or one of its files, whose path ends in
  /// `path`: there the modes decide, and not who asks.
  static boolean isFacts(Call call, int fd, Text path) {
    return is(call, fd, FACTS) || is(call, fd, FACTS + nameOf(path));
  }

  /// Whether it is that of the links to what is mapped.
  static boolean isMapped(Call call, int fd) {
    return is(call, fd, MAPPED);
  }

  /// Whether it is a link or file of the caller's in one of the directories, whose path ends in
  /// `path`.
  static boolean isEntry(Call call, int fd, Text path) {
    String name = nameOf(path);
    return DIRECTORIES.stream().anyMatch(directory -> is(call, fd, directory + name));
  }

  private static String nameOf(Text path) {
    String text = path.toString();
    return text.substring(Math.max(text.lastIndexOf('/'), 0));
  }

  /// The same file, not one of the same name: a target can mount another's directory anywhere.
  private static boolean is(Call call, int fd, String name) {
    var stat = new Stat();
    FileStatus.read(call, fd, stat);
    if (!ProcLinks.isOwnProc(stat.dev())) {
      return stat.isDirectory() && OtherProc.is(call, fd, stat, name);
    }
    String process = "/proc/" + call.task().tgid();
    String thread = process + "/task/" + call.task().tid();
    return stat.ino() == inode(process + name) || stat.ino() == inode(thread + name);
  }

  /// 0 if there is nothing.
  private static long inode(String path) {
    int pinned =
        Files.openat(
            OpenFlags.AT_FDCWD,
            NativeBytes.ofString(path),
            OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW | OpenFlags.O_CLOEXEC,
            0);
    if (pinned < 0) {
      return 0;
    }
    try {
      var stat = new Stat();
      Abort.check(Files.fstat(pinned, stat));
      return stat.ino();
    } finally {
      Files.close(pinned);
    }
  }
}
