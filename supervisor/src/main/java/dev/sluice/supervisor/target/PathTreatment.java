package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.syscall.PathParameter;
import dev.sluice.supervisor.target.PathResolver.Last;

/// What the flags of a call make of its paths: whether a link at the end is followed, and whether
/// there need be a path at all.
public final class PathTreatment {
  /// sys/inotify.h
  private static final int IN_DONT_FOLLOW = 0x02000000;

  /// sys/fanotify.h
  private static final int FAN_MARK_DONT_FOLLOW = 4;

  private static final int FAN_MARK_FLUSH = 0x80;

  private PathTreatment() {}

  /// What becomes of the last component.
  static Last last(Call call, PathParameter parameter, PathArgument path) {
    return switch (parameter.last()) {
      case FOLLOW -> Last.FOLLOW;
      case NOFOLLOW -> Last.NOFOLLOW;
      case NAME -> Last.NAME;
      case OPEN -> lastOfOpen(call.open(), path);
      case AT_SYMLINK_FOLLOW -> follow(has(call, parameter, OpenFlags.AT_SYMLINK_FOLLOW));
      case AT_SYMLINK_NOFOLLOW -> follow(!has(call, parameter, OpenFlags.AT_SYMLINK_NOFOLLOW));
      case IN_DONT_FOLLOW -> follow(!has(call, parameter, IN_DONT_FOLLOW));
      case FAN_MARK_DONT_FOLLOW -> follow(!has(call, parameter, FAN_MARK_DONT_FOLLOW));
      case UMOUNT_NOFOLLOW -> follow(!has(call, parameter, Mounts.UMOUNT_NOFOLLOW));
      case FSPICK_SYMLINK_NOFOLLOW -> follow(!has(call, parameter, Mounts.FSPICK_SYMLINK_NOFOLLOW));
      case MOVE_MOUNT_F_SYMLINKS -> follow(has(call, parameter, Mounts.MOVE_MOUNT_F_SYMLINKS));
      case MOVE_MOUNT_T_SYMLINKS -> follow(has(call, parameter, Mounts.MOVE_MOUNT_T_SYMLINKS));
    };
  }

  private static Last lastOfOpen(OpenRequest open, PathArgument path) {
    if (open.has(OpenFlags.O_CREAT) && path.isNameWithSlash()) {
      return Last.NAME; // EISDIR whatever it is, so nobody looks
    }
    return follow(
        !open.has(OpenFlags.O_NOFOLLOW) && !open.has(OpenFlags.O_CREAT | OpenFlags.O_EXCL));
  }

  private static Last follow(boolean follow) {
    return follow ? Last.FOLLOW : Last.NOFOLLOW;
  }

  private static boolean has(CallView call, PathParameter parameter, int flag) {
    return (call.arg(parameter.flags()) & flag) != 0;
  }

  /// Whether the empty path means the directory descriptor itself.
  public static boolean takesEmpty(CallKind kind, CallView call, PathParameter parameter) {
    return switch (kind.name()) {
      case "readlinkat" -> true; // without a flag, since 2.6.39
      case "fanotify_mark" -> false;
      case "fspick" -> has(call, parameter, Mounts.FSPICK_EMPTY_PATH);
      case "move_mount" ->
          has(
              call,
              parameter,
              parameter.last() == PathParameter.Last.MOVE_MOUNT_F_SYMLINKS
                  ? Mounts.MOVE_MOUNT_F_EMPTY_PATH
                  : Mounts.MOVE_MOUNT_T_EMPTY_PATH);
      default ->
          parameter.last() != PathParameter.Last.OPEN
              && parameter.last() != PathParameter.Last.NAME
              && parameter.dirfd() >= 0
              && parameter.flags() >= 0
              && has(call, parameter, OpenFlags.AT_EMPTY_PATH);
    };
  }

  /// Whether there is no path, where there may be none: then the directory descriptor itself is
  /// meant, or nothing.
  public static boolean isNull(CallKind kind, CallView call, PathParameter parameter) {
    return (call.arg(parameter.path()) == 0 && takesNull(kind, call, parameter))
        || isIgnored(kind, call, parameter);
  }

  private static boolean takesNull(CallKind kind, CallView call, PathParameter parameter) {
    return switch (kind.name()) {
      case "futimesat", "utimensat", "utimensat_time64" ->
          (int) call.arg(parameter.dirfd()) != OpenFlags.AT_FDCWD;
      case "newfstatat", "fstatat64", "statx" ->
          Files.statTakesNull() && takesEmpty(kind, call, parameter);
      // since 6.11, and these calls are newer
      case "setxattrat",
          "getxattrat",
          "listxattrat",
          "removexattrat",
          "file_getattr",
          "file_setattr" ->
          takesEmpty(kind, call, parameter);
      case "move_mount" -> takesEmpty(kind, call, parameter); // since 6.15
      case "fanotify_mark" -> true;
      default -> false;
    };
  }

  /// Whether the kernel does not look at the path, whatever it is: fanotify_mark(2) has no object
  /// if it removes all marks; mount(2) has no source if there is none, or if it changes a mount.
  public static boolean isIgnored(CallKind kind, CallView call, PathParameter parameter) {
    return switch (kind.name()) {
      case "fanotify_mark" -> (call.arg(1) & FAN_MARK_FLUSH) != 0;
      case "mount" ->
          parameter.variable().equals("source")
              && (call.arg(parameter.path()) == 0 || Mounts.isChange(call.arg(3)));
      default -> false;
    };
  }
}
