package dev.sluice.supervisor.syscall;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A parameter that names a file.
///
/// @param variable what a policy calls it: `path`, then `path2`; `source` and `target` of mount(2)
///   and move_mount(2), `target` of umount(2)
/// @param dirfd the register with the directory a relative path begins at, or -1: the working
///   directory
/// @param path the register with the path
/// @param last what becomes of the last component
/// @param flags the register with the flags that [Last] speaks of, or -1
public record PathParameter(String variable, int dirfd, int path, Last last, int flags) {

  /// What the kernel does with the last component of a path (path_resolution(7)).
  public enum Last {
    /// A symbolic link is followed.
    FOLLOW,
    /// A symbolic link is itself the object.
    NOFOLLOW,
    /// The name is created, removed or replaced; what it refers to does not matter.
    NAME,
    /// open(2): O_NOFOLLOW, and O_CREAT with O_EXCL, do not follow; O_CREAT makes the name.
    OPEN,
    /// linkat(2): not followed, but with AT_SYMLINK_FOLLOW.
    AT_SYMLINK_FOLLOW,
    /// Followed, but not with AT_SYMLINK_NOFOLLOW.
    AT_SYMLINK_NOFOLLOW,
    /// inotify_add_watch(2): followed, but not with IN_DONT_FOLLOW in the mask.
    IN_DONT_FOLLOW,
    /// fanotify_mark(2): followed, but not with FAN_MARK_DONT_FOLLOW.
    FAN_MARK_DONT_FOLLOW,
    /// umount2(2): followed, but not with UMOUNT_NOFOLLOW.
    UMOUNT_NOFOLLOW,
    /// fspick(2): followed, but not with FSPICK_SYMLINK_NOFOLLOW.
    FSPICK_SYMLINK_NOFOLLOW,
    /// move_mount(2): not followed, but with MOVE_MOUNT_F_SYMLINKS.
    MOVE_MOUNT_F_SYMLINKS,
    /// The same with MOVE_MOUNT_T_SYMLINKS.
    MOVE_MOUNT_T_SYMLINKS
  }

  /// The last components of the paths of a call.
  private static final Map<String, List<Last>> LAST = new HashMap<>();

  static {
    all(List.of(Last.OPEN), "open", "openat", "openat2", "creat");
    all(List.of(Last.FOLLOW, Last.FOLLOW), "mount");
    all(List.of(Last.NOFOLLOW, Last.NAME), "link");
    all(List.of(Last.AT_SYMLINK_FOLLOW, Last.NAME), "linkat");
    all(List.of(Last.NAME, Last.NAME), "rename", "renameat", "renameat2");
    all(List.of(Last.NAME), "mkdir", "mkdirat", "mknod", "mknodat", "symlink", "symlinkat");
    all(List.of(Last.NAME), "rmdir", "unlink", "unlinkat");
    all(
        List.of(Last.FOLLOW),
        "oldstat",
        "stat",
        "stat64",
        "statfs",
        "statfs64",
        "access",
        "faccessat");
    all(List.of(Last.NOFOLLOW), "oldlstat", "lstat", "lstat64", "readlink", "readlinkat");
    all(List.of(Last.AT_SYMLINK_NOFOLLOW), "newfstatat", "fstatat64", "statx", "faccessat2");
    all(List.of(Last.FOLLOW), "getxattr", "listxattr", "setxattr", "removexattr");
    all(List.of(Last.NOFOLLOW), "lgetxattr", "llistxattr", "lsetxattr", "lremovexattr");
    all(List.of(Last.AT_SYMLINK_NOFOLLOW), "getxattrat", "listxattrat", "file_getattr");
    all(List.of(Last.AT_SYMLINK_NOFOLLOW), "setxattrat", "removexattrat", "file_setattr");
    all(List.of(Last.FOLLOW), "truncate", "truncate64", "chmod", "fchmodat", "chown", "chown32");
    all(List.of(Last.NOFOLLOW), "lchown", "lchown32");
    all(List.of(Last.AT_SYMLINK_NOFOLLOW), "fchmodat2", "fchownat");
    all(List.of(Last.FOLLOW), "utime", "utimes", "futimesat");
    all(List.of(Last.AT_SYMLINK_NOFOLLOW), "utimensat", "utimensat_time64");
    all(List.of(Last.FOLLOW), "execve", "chdir", "chroot");
    all(List.of(Last.AT_SYMLINK_NOFOLLOW), "execveat");
    all(List.of(Last.IN_DONT_FOLLOW), "inotify_add_watch");
    all(List.of(Last.FAN_MARK_DONT_FOLLOW), "fanotify_mark");
    all(List.of(Last.AT_SYMLINK_FOLLOW), "name_to_handle_at");
    all(List.of(Last.FOLLOW), "umount");
    all(List.of(Last.UMOUNT_NOFOLLOW), "umount2");
    all(List.of(Last.AT_SYMLINK_NOFOLLOW), "open_tree", "open_tree_attr", "mount_setattr");
    all(List.of(Last.FSPICK_SYMLINK_NOFOLLOW), "fspick");
    all(List.of(Last.MOVE_MOUNT_F_SYMLINKS, Last.MOVE_MOUNT_T_SYMLINKS), "move_mount");
  }

  private static void all(List<Last> last, String... syscalls) {
    for (String syscall : syscalls) {
      LAST.put(syscall, last);
    }
  }

  /// Whether a call has paths that a policy may speak of.
  public static boolean isIn(String syscall) {
    return LAST.containsKey(syscall);
  }

  /// The paths of a call on this machine, or one like it, in order; empty if it has none, or none
  /// that a policy may speak of yet.
  public static List<PathParameter> of(String syscall) {
    return of(Arch.host(), syscall);
  }

  /// The same on `arch`.
  public static List<PathParameter> of(Arch arch, String syscall) {
    List<Last> last = LAST.get(syscall);
    return last == null ? List.of() : describe(arch, syscall, last);
  }

  private static List<PathParameter> describe(Arch arch, String syscall, List<Last> last) {
    var parameters = Signature.of(arch, syscall).orElseThrow().parameters();
    var paths = new ArrayList<PathParameter>();
    int flags = last.contains(Last.IN_DONT_FOLLOW) ? 2 : -1;
    for (int i = 0; i < parameters.size(); i++) {
      if (parameters.get(i).type() == Signature.Type.FLAGS) {
        flags = i;
      }
    }
    for (int i = 0; i < parameters.size(); i++) {
      if (parameters.get(i).type() == Signature.Type.PATH) {
        int dirfd = i > 0 && parameters.get(i - 1).type() == Signature.Type.DIRFD ? i - 1 : -1;
        String variable = variable(syscall, paths.size());
        paths.add(new PathParameter(variable, dirfd, i, last.get(paths.size()), flags));
      }
    }
    return List.copyOf(paths);
  }

  private static String variable(String syscall, int index) {
    return switch (syscall) {
      case "mount", "move_mount" -> index == 0 ? "source" : "target";
      case "umount", "umount2" -> "target";
      default -> index == 0 ? "path" : "path2";
    };
  }
}
