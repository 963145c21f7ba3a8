package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Stat;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.PathResolver.Last;
import java.nio.charset.StandardCharsets;

/// path_resolution(7) component by component, where `self` means the target. Every step is made by
/// the kernel, with the target's permissions, from a directory that is held.
final class PathWalker {
  /// The kernel's limit (`MAXSYMLINKS`).
  private static final int MAX_LINKS = 40;

  /// Links can make of a path tens of thousands of steps, and its caller may be gone meanwhile.
  private static final int STEPS_UNSEEN = 256;

  private static final int FOLLOW = OpenFlags.O_PATH | OpenFlags.O_CLOEXEC;
  private static final int PIN = FOLLOW | OpenFlags.O_NOFOLLOW;
  private static final long PROC_ROOT_INO = 1;
  private static final int READLINKAT = Arch.host().number("readlinkat").orElseThrow();
  private static final NativeBytes ROOT = NativeBytes.ofString("/");
  private static final NativeBytes HERE = NativeBytes.ofString(".");

  private final Call call;
  private final PathArgument argument;
  private final Syscalls syscalls;

  /// What a single step has to heed of the caller's own restrictions (openat2(2)): whether it stays
  /// on the mount.
  private final long resolve;

  private final Scope scope;

  private final Stat stat = new Stat();
  private final NativeBytes component = NativeBytes.allocate(PathArgument.PATH_MAX + 1L);

  /// Where we are: ours to close, and never -1 while walking.
  private int current = -1;

  private final RemainingPath rest;
  private int links;

  private PathWalker(Call call, PathArgument argument, int base, Syscalls syscalls) {
    this.call = call;
    this.argument = argument;
    this.syscalls = syscalls;
    this.resolve = call.resolveFlags() & OpenFlags.RESOLVE_NO_XDEV;
    this.scope = new Scope(base, call.resolveFlags());
    byte[] path = new byte[argument.rawLength];
    argument.raw.get(0, path, 0, path.length);
    this.rest = new RemainingPath(path, MAX_LINKS);
  }

  /// Resolves the path of `argument` from `base`. Throws [Abort].
  static void walk(Call call, PathArgument argument, int base, Last last) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    boolean free = walk(call, argument, base, last, call.syscalls());
    if (!free || ProcLinks.meansUs(call, argument)) {
      argument.unpin();
      if (!call.syscalls().isInline()) {
        throw Abort.errno(
            Errno.EACCES); // it named its own worker, whose secrets are none of its business
      }
      // The target named us, not itself. What it may do with us, another process finds out: we may
      // do everything.
      argument.foreign = true;
      walk(call, argument, base, last, call.patientSyscalls());
      if (ProcLinks.meansWorker(call, argument)) {
        argument.unpin();
        throw Abort.errno(Errno.EACCES); // nor are those of one that works for it
      }
    }
  }

  /// Returns whether it got to the end without passing through a link of our own.
  private static boolean walk(
      Call call, PathArgument argument, int base, Last last, Syscalls syscalls) {
    var walker = new PathWalker(call, argument, base, syscalls);
    try {
      walker.start(base);
      return walker.run(last);
    } finally {
      if (walker.current >= 0) {
        Files.close(walker.current);
      }
    }
  }

  private void start(int base) {
    if (argument.isAbsolute()) {
      var _ = scope.root(); // if it may be asked for
    }
    moveToStart(base);
  }

  private void moveToStart(int base) {
    NativeBytes from = base == OpenFlags.AT_FDCWD ? ROOT : HERE;
    moveTo(Abort.check(pin(base, from, FOLLOW)));
  }

  private enum Step {
    ON,
    END,
    US
  }

  private boolean run(Last last) {
    for (int steps = 1; ; steps++) {
      if (steps % STEPS_UNSEEN == 0) {
        call.validate();
      }
      boolean slashes = rest.skipSlashes();
      if (rest.isAtEnd()) {
        hold(slashes);
        return true;
      }
      byte[] name = rest.next();
      boolean slash = rest.isSlash();
      boolean isLast = rest.isLast();
      if (isLast && last == Last.NAME) {
        search();
        holdName(name, false);
        return true;
      }
      if (isLast && slash && !isDots(name) && call.creates()) {
        search();
        throw Abort.errno(Errno.EISDIR); // in a link's text: whatever it is, as in the path itself
      }
      Step step = step(name, !isLast || slash || last == Last.FOLLOW, isLast);
      if (step != Step.ON) {
        return step == Step.END;
      }
    }
  }

  /// As the kernel asks for before it looks at the last component. Throws [Abort].
  private void search() {
    set(component, new byte[] {'.'});
    moveTo(Abort.check(ofCaller(syscalls.pin(current, component, FOLLOW, 0), FOLLOW, 0)));
  }

  /// Goes to `name`. That ends the walk if there is no such name, or if it is a link of our own.
  private Step step(byte[] name, boolean follow, boolean isLast) {
    set(component, name);
    boolean isUp = scope.isLimited() && Scope.isUp(name);
    int next =
        isUp ? scope.up(call, syscalls, PIN) : ofCaller(pin(current, component, PIN), PIN, resolve);
    if (next == -Errno.ENOENT.number() && isLast && !isUp) {
      holdName(name, true);
      return Step.END;
    }
    Abort.check(next);
    try {
      FileStatus.read(call, next, stat);
      if (stat.isSymlink() && follow) {
        return followLink(name, next, isLast);
      }
      moveTo(next);
      if (!isUp) {
        scope.enter(name);
      }
      return Step.ON;
    } finally {
      if (current != next) {
        Files.close(next);
      }
    }
  }

  private Step followLink(byte[] name, int link, boolean isLast) {
    if (++links > MAX_LINKS) {
      throw Abort.errno(Errno.ELOOP);
    }
    if (isLast) {
      Symlinks.checkOwner(call, current, stat.uid());
    }
    var filesystem = Filesystems.of(call, link, stat);
    if ((call.resolveFlags() & OpenFlags.RESOLVE_NO_SYMLINKS) != 0) {
      throw Abort.errno(Errno.ELOOP);
    }
    Symlinks.checkMount(call, link, filesystem);
    boolean proc = filesystem == Filesystems.Kind.PROC;
    if (proc && !inProcRoot()) {
      return followMagic();
    }
    followText(proc ? procLink(name, link) : text(link, filesystem));
    return Step.ON;
  }

  private int pin(int base, NativeBytes path, int flags) {
    return Lookup.pin(call, syscalls, base, path, flags, resolve);
  }

  /// Of its own in /proc the target may look at everything, and nobody else who is like it may.
  private int ofCaller(int pinned, int flags, long restrictions) {
    return pinned == -Errno.EACCES.number() && OwnProc.isDirectory(call, current)
        ? Files.openat2(current, component, flags, 0, restrictions)
        : pinned;
  }

  private boolean inProcRoot() {
    FileStatus.read(call, current, stat);
    return stat.ino() == PROC_ROOT_INO;
  }

  /// A link of a process's directory: it leads to an object, whatever its text says. To where the
  /// caller must not go the kernel does not follow it.
  private Step followMagic() {
    if (!argument.foreign && ProcLinks.meansUs(call, current, PathResolver.canonical(current))) {
      return Step.US;
    }
    long restrictions = call.resolveFlags();
    int next = syscalls.pin(current, component, FOLLOW, restrictions);
    if (next == -Errno.EACCES.number() && OwnProc.isMapped(call, current)) {
      throw Abort.errno(Errno.EPERM); // not even its own, as almost everybody, but root may any
    }
    moveTo(Abort.check(ofCaller(next, FOLLOW, restrictions)));
    return Step.ON;
  }

  private void followText(byte[] text) {
    if (text.length > 0 && text[0] == '/') {
      long before = resolve == 0 ? 0 : mountOfCurrent();
      moveToStart(scope.root());
      scope.beginAgain();
      if (resolve != 0 && mountOfCurrent() != before) {
        throw Abort.errno(Errno.EXDEV);
      }
    }
    rest.follow(text);
  }

  private long mountOfCurrent() {
    FileStatus.read(call, current, stat);
    return stat.mountId();
  }

  private byte[] text(int link, Filesystems.Kind filesystem) {
    var operation = new Operation().begin(READLINKAT).itself(link);
    operation.output(PathArgument.PATH_MAX).value(PathArgument.PATH_MAX);
    Syscalls who = filesystem == Filesystems.Kind.SLOW ? call.patientSyscalls() : syscalls;
    int length = Abort.check((int) who.make(operation, true));
    byte[] text = new byte[length];
    operation.buffer(length).get(0, text, 0, length);
    return text;
  }

  /// A link in the root of proc(5): `self` and `thread-self` mean the target.
  private byte[] procLink(byte[] name, int link) {
    String text = new String(name, StandardCharsets.ISO_8859_1);
    return ProcLinks.textFor(call, text, link, stat.dev())
        .orElseGet(() -> text(link, Filesystems.Kind.PROC));
  }

  /// @param slash whether a slash is left, which only a directory takes
  private void hold(boolean slash) {
    int object = current;
    current = -1;
    PathResolver.hold(call, argument, object);
    if (slash && !argument.stat().isDirectory()) {
      throw Abort.errno(Errno.ENOTDIR);
    }
  }

  private void holdName(byte[] name, boolean missing) {
    set(argument.name, name);
    argument.parent = current;
    current = -1;
    PathResolver.holdName(argument, name.length);
    argument.missing = missing;
  }

  private void moveTo(int fd) {
    if (current >= 0) {
      Files.close(current);
    }
    current = fd;
  }

  private static boolean isDots(byte[] name) {
    return name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
  }

  private static void set(NativeBytes to, byte[] name) {
    to.put(0, name, 0, name.length);
    to.putByte(name.length, (byte) 0);
  }
}
