package dev.sluice.supervisor.syscall;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A parameter that names a file.
///
/// @param variable what a policy calls it: `path`, then `path2`; `source` and `target` of mount(2)
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
    AT_SYMLINK_NOFOLLOW
  }

  private static final Map<String, List<Last>> LAST =
      Map.ofEntries(
          Map.entry("open", List.of(Last.OPEN)),
          Map.entry("openat", List.of(Last.OPEN)),
          Map.entry("openat2", List.of(Last.OPEN)),
          Map.entry("creat", List.of(Last.OPEN)),
          Map.entry("link", List.of(Last.NOFOLLOW, Last.NAME)),
          Map.entry("linkat", List.of(Last.AT_SYMLINK_FOLLOW, Last.NAME)),
          Map.entry("rename", List.of(Last.NAME, Last.NAME)),
          Map.entry("renameat", List.of(Last.NAME, Last.NAME)),
          Map.entry("renameat2", List.of(Last.NAME, Last.NAME)),
          Map.entry("mount", List.of(Last.FOLLOW, Last.FOLLOW)));

  private static final Map<String, List<PathParameter>> ALL = new HashMap<>();

  static {
    LAST.forEach((syscall, last) -> ALL.put(syscall, describe(syscall, last)));
  }

  /// The paths of a call, in order; empty if it has none, or none that a policy may speak of yet.
  public static List<PathParameter> of(String syscall) {
    return ALL.getOrDefault(syscall, List.of());
  }

  private static List<PathParameter> describe(String syscall, List<Last> last) {
    var parameters = Signature.of(syscall).orElseThrow().parameters();
    var paths = new ArrayList<PathParameter>();
    int flags = -1;
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
    if (syscall.equals("mount")) {
      return index == 0 ? "source" : "target";
    }
    return index == 0 ? "path" : "path2";
  }
}
