package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Descriptors;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Stat;
import dev.sluice.supervisor.syscall.PathParameter;
import java.nio.charset.StandardCharsets;

/// Finds what a path leads to, as its target would find it, and holds on to it.
///
/// The kernel resolves in one go wherever that gives what the target would get. It does not where
/// the answer depends on who asks: links of proc(5) that mean the caller, and magic links. Those go
/// through [PathWalker], one component at a time.
final class PathResolver {
  /// With these openat2(2) itself refuses magic links.
  private static final long SCOPED =
      OpenFlags.RESOLVE_BENEATH
          | OpenFlags.RESOLVE_IN_ROOT
          | OpenFlags.RESOLVE_NO_MAGICLINKS
          | OpenFlags.RESOLVE_NO_SYMLINKS;

  private static final int PIN = OpenFlags.O_PATH | OpenFlags.O_CLOEXEC;
  private static final NativeBytes HERE = NativeBytes.ofString(".");
  private static final NativeBytes CWD = NativeBytes.ofString("cwd");
  private static final byte[] DELETED = " (deleted)".getBytes(StandardCharsets.US_ASCII);

  private PathResolver() {}

  /// What to do with the last component.
  enum Last {
    FOLLOW,
    NOFOLLOW,
    NAME
  }

  /// Resolves the copied path of `argument`. Throws [Abort] with the errno the target gets,
  /// WOULD_BLOCK if this has to be done on a worker.
  static void resolve(Call call, PathArgument argument, PathParameter parameter) {
    if (!call.mayBlock() && !call.syscalls().isInline()) {
      throw Abort.WOULD_BLOCK;
    }
    Last last = PathTreatment.last(call, parameter, argument);
    int base = OpenFlags.AT_FDCWD;
    try {
      if (argument.rawLength == 0) {
        resolveEmpty(call, argument, parameter);
      } else {
        base = openBase(call, argument, parameter);
        if (last == Last.NAME) {
          resolveName(call, argument, base, last);
        } else {
          resolveObject(call, argument, base, last);
        }
      }
      Attachment.check(call, argument);
    } catch (Abort abort) {
      argument.unpin();
      throw abort;
    } finally {
      if (base >= 0) {
        Files.close(base);
      }
    }
  }

  /// An empty path means the directory descriptor itself, if AT_EMPTY_PATH says so; NULL where it
  /// may be NULL.
  private static void resolveEmpty(Call call, PathArgument argument, PathParameter parameter) {
    if (!argument.isNull && !PathTreatment.takesEmpty(call.kind(), call, parameter)) {
      throw Abort.errno(Errno.ENOENT);
    }
    int fd = openDescriptor(call, call.intArg(parameter.dirfd()));
    hold(call, argument, fd);
    argument.stat(call);
  }

  /// Where the path begins, or AT_FDCWD for the root. To be closed if it is a descriptor.
  private static int openBase(Call call, PathArgument argument, PathParameter parameter) {
    if (argument.isAbsolute() && (call.resolveFlags() & OpenFlags.RESOLVE_IN_ROOT) == 0) {
      return OpenFlags.AT_FDCWD;
    }
    int dirfd = parameter.dirfd() < 0 ? OpenFlags.AT_FDCWD : call.intArg(parameter.dirfd());
    return openDescriptor(call, dirfd);
  }

  private static int openDescriptor(Call call, int dirfd) {
    int procfd = call.task().procfd();
    if (dirfd == OpenFlags.AT_FDCWD) {
      return checkDescriptor(Files.openat(procfd, CWD, PIN, 0));
    }
    if (dirfd < 0) {
      throw Abort.errno(Errno.EBADF);
    }
    return checkDescriptor(Descriptors.openOf(procfd, dirfd, PIN));
  }

  private static int checkDescriptor(int fd) {
    return fd == -Errno.ENOENT.number() ? Abort.check(-Errno.EBADF.number()) : Abort.check(fd);
  }

  private static void resolveObject(Call call, PathArgument argument, int base, Last last) {
    int nofollow = last == Last.NOFOLLOW ? OpenFlags.O_NOFOLLOW : 0;
    int fd = pin(call, base, argument.raw, nofollow);
    if (fd >= 0) {
      hold(call, argument, fd);
      if (ProcLinks.mayMeanUs(call, argument)) {
        argument.unpin();
        PathWalker.walk(call, argument, base, last);
      }
    } else if (fd == -Errno.ENOENT.number() && call.task().status().nspids().size() > 1) {
      // perhaps a /proc in which we have no number, so that `self` leads nowhere
      PathWalker.walk(call, argument, base, last);
    } else if (fd == -Errno.ENOENT.number()) {
      // decided nevertheless: a rule may deny the name, or give it a content
      resolveName(call, argument, base, last);
    } else if (isFree(call)
        && (fd == -Errno.ELOOP.number() || (fd == -Errno.ENOTDIR.number() && call.creates()))) {
      // perhaps a slash behind the text of a link, which creates nothing
      PathWalker.walk(call, argument, base, last);
    } else if (mayBeOwn(call, fd)) {
      PathWalker.walk(call, argument, base, last);
    } else {
      throw Abort.errno(-fd);
    }
  }

  /// Whether what was refused to a worker may be the caller's own in proc(5), so that it is to be
  /// looked for step by step.
  private static boolean mayBeOwn(Call call, int error) {
    return error == -Errno.EACCES.number() && !call.syscalls().isInline();
  }

  /// Holds the directory of the last component, and the component's name.
  private static void resolveName(Call call, PathArgument argument, int base, Last last) {
    int end = argument.rawLength;
    while (end > 1 && argument.raw.getByte(end - 1L) == '/') {
      end--;
    }
    int slash = slashBefore(argument, end);
    // then it need not be looked for, which would take a worker: whoever makes the call is asked
    // for search permission. With a slash behind it there may be no call to make.
    boolean isPlain = slash < 0 && end == argument.rawLength;
    boolean isInBase = isPlain && last == Last.NAME && !call.syscalls().isInline();
    int parent = isInBase ? Files.duplicate(base) : pinParent(call, argument, base, slash);
    if ((parent == -Errno.ELOOP.number() && isFree(call))
        || mayBeOwn(call, parent)
        || (parent == -Errno.ENOENT.number() && mayExistForCaller(call, argument, base, slash))) {
      PathWalker.walk(call, argument, base, last);
      return;
    }
    argument.parent = Abort.check(parent);
    if (isInBase && !argument.parentStat(call).isDirectory()) {
      throw Abort.errno(Errno.ENOTDIR);
    }
    int nameLength = copyName(argument, slash + 1, end);
    holdName(argument, nameLength);
    if (ProcLinks.mayMeanUs(call, argument)) {
      argument.unpin();
      PathWalker.walk(call, argument, base, last);
    } else if (last != Last.NAME) {
      confirmMissing(call, argument, base, last);
    }
  }

  private static int slashBefore(PathArgument argument, int end) {
    int slash = end - 1;
    while (slash >= 0 && argument.raw.getByte(slash) != '/') {
      slash--;
    }
    return slash;
  }

  private static int copyName(PathArgument argument, int from, int to) {
    for (int i = from; i < to; i++) {
      argument.name.putByte(i - from, argument.raw.getByte(i));
    }
    argument.name.putByte(to - from, (byte) 0);
    return to - from;
  }

  /// Whether the directory before the slash, which is missing when we look for it, may be there for
  /// the caller: the first name that is missing lies below our own directory in /proc, or is a
  /// link, which may lead there.
  private static boolean mayExistForCaller(Call call, PathArgument argument, int base, int slash) {
    int end = slash;
    while (true) {
      while (end > 0 && argument.raw.getByte(end - 1L) == '/') {
        end--;
      }
      int before = slashBefore(argument, end);
      if (end <= 0) {
        return false;
      }
      argument.parent = pinParent(call, argument, base, before);
      if (argument.parent >= 0) {
        copyName(argument, before + 1, end);
        readCanonical(argument, argument.parent);
        boolean may = isThere(call, argument) || ProcLinks.mayMeanUs(call, argument);
        argument.unpin();
        return may;
      }
      end = before;
    }
  }

  /// Whether the parent has the name, if only as a link to something missing.
  private static boolean isThere(Call call, PathArgument argument) {
    int fd = pin(call, argument.parent, argument.name, OpenFlags.O_NOFOLLOW);
    if (fd >= 0) {
      Files.close(fd);
    }
    return fd != -Errno.ENOENT.number();
  }

  /// The directory before the slash: `.` in it, for a moment the end of the path, as the kernel
  /// wants search permission before it looks at the last component.
  private static int pinParent(Call call, PathArgument argument, int base, int slash) {
    if (slash < 0) {
      return pin(call, base, HERE, OpenFlags.O_DIRECTORY);
    }
    short behind = argument.raw.getShort(slash + 1L);
    argument.raw.putByte(slash + 1L, (byte) '.');
    argument.raw.putByte(slash + 2L, (byte) 0);
    try {
      return pin(call, base, argument.raw, OpenFlags.O_DIRECTORY);
    } finally {
      argument.raw.putShort(slash + 1L, behind);
    }
  }

  /// The path leads nowhere: because the name is missing, or because it is a link to something
  /// missing.
  private static void confirmMissing(Call call, PathArgument argument, int base, Last last) {
    if (!isThere(call, argument)) {
      argument.missing = true;
      return;
    }
    argument.unpin();
    PathWalker.walk(call, argument, base, last);
  }

  /// Whether the caller has not restricted the resolution (openat2(2)), so that a magic link may be
  /// followed.
  private static boolean isFree(Call call) {
    return (call.resolveFlags() & SCOPED) == 0;
  }

  static int pin(Call call, int base, NativeBytes path, int flags) {
    long resolve = call.resolveFlags();
    if (isFree(call)) {
      resolve |= OpenFlags.RESOLVE_NO_MAGICLINKS;
    }
    return Lookup.pin(call, call.syscalls(), base, path, PIN | flags, resolve);
  }

  /// Makes `fd` the object of `argument`.
  static void hold(Call call, PathArgument argument, int fd) {
    argument.object = fd;
    argument.state = PathArgument.State.PINNED;
    readCanonical(argument, fd);
    if (argument.canonical.endsWith(DELETED)) {
      unmark(argument.canonical, argument.stat(call));
    }
  }

  /// Makes the canonical path of `argument` from its parent and name.
  static void holdName(PathArgument argument, int nameLength) {
    argument.state = PathArgument.State.NAMED;
    readCanonical(argument, argument.parent);
    if (nameLength == 0) {
      return; // the root
    }
    if (argument.canonical.length() != 1) {
      argument.canonical.append('/');
    }
    argument.canonical.append(argument.name, 0, nameLength);
  }

  /// The canonical path of a descriptor.
  static Text canonical(int fd) {
    var text = new Text();
    int length = Abort.check(Descriptors.readLink(fd));
    text.set(Descriptors.link(), length);
    return text;
  }

  /// The same of an object, which may have lost its name.
  static Text canonical(int fd, Stat stat) {
    Text text = canonical(fd);
    unmark(text, stat);
    return text;
  }

  /// Leaves out the kernel's mark of what has lost its name.
  private static void unmark(Text path, Stat stat) {
    if (path.endsWith(DELETED) && stat.nlink() == 0) {
      path.truncate(path.length() - DELETED.length);
    }
  }

  private static void readCanonical(PathArgument argument, int fd) {
    int length = Abort.check(Descriptors.readLink(fd));
    argument.canonical.set(Descriptors.link(), length);
  }
}
