package dev.sluice.supervisor.target;

import java.util.List;
import java.util.OptionalInt;

/// What credentials(7) and capabilities(7) say of a task, numbered as in our user namespace.
///
/// @param uids real, effective, saved, file system
/// @param gids likewise
/// @param groups supplementary
/// @param permitted capabilities as a bit set
/// @param effective likewise
public record Credentials(
    List<Integer> uids, List<Integer> gids, List<Integer> groups, long permitted, long effective) {

  /// Those that access(2) goes by: the real ids, with the capabilities that root has by itself, and
  /// others have not.
  ///
  /// @param root who is root in the task's user namespace
  Credentials real(OptionalInt root) {
    int uid = uids.getFirst();
    boolean isRoot = root.isPresent() && root.getAsInt() == uid;
    return new Credentials(
        List.of(uid, uids.get(1), uids.get(2), uid),
        List.of(gids.getFirst(), gids.get(1), gids.get(2), gids.getFirst()),
        groups,
        permitted,
        isRoot ? permitted : 0);
  }
}
