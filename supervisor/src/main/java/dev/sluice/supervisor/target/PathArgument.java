package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Stat;
import dev.sluice.supervisor.syscall.PathParameter;
import java.util.Optional;

/// A path that a call was given: first the bytes, copied once; then, when somebody asks what they
/// lead to, an object that is held open, so that nobody can exchange it between the decision and
/// the deed.
public final class PathArgument {
  static final int PATH_MAX = 4096;

  /// What is held, if anything.
  enum State {
    EMPTY,
    /// [#raw] is the copy.
    COPIED,
    /// [#object] is an O_PATH descriptor of what the path leads to.
    PINNED,
    /// [#parent] is one of a directory, [#name] a name in it, which may or may not exist.
    NAMED
  }

  final NativeBytes raw = NativeBytes.allocate(PATH_MAX);
  int rawLength;

  /// It is NULL, which stands for the directory descriptor itself.
  boolean isNull;

  State state = State.EMPTY;
  int object = -1;
  int parent = -1;

  /// As long as the path itself, and a slash: the limit (NAME_MAX) is that of the file system.
  final NativeBytes name = NativeBytes.allocate(PATH_MAX + 1L);

  /// In state NAMED: the name was looked for and is not there.
  boolean missing;

  /// The object is something of ours in /proc: only another process knows what the target may do
  /// with it.
  boolean foreign;

  final Text canonical = new Text();
  private final Stat stat = new Stat();
  private final Stat parentStat = new Stat();
  private boolean statted;
  private boolean parentStatted;

  /// An O_PATH descriptor of the object, or -1 if there is only a [#parent] and a [#name].
  public int object() {
    return object;
  }

  public int parent() {
    return parent;
  }

  /// The last component, NUL-terminated, below [#parent].
  public NativeBytes name() {
    return name;
  }

  public boolean isMissing() {
    return missing;
  }

  /// Whether it is something of ours, so that it has to be opened by another process
  /// ([Call#patientSyscalls]).
  public boolean isForeign() {
    return foreign;
  }

  /// What kind of file system the object, or the directory of the name, is on. Throws [Abort].
  public Filesystems.Kind filesystem(Call call) {
    return object >= 0
        ? Filesystems.of(call, object, stat(call))
        : Filesystems.of(call, parent, parentStat(call));
  }

  /// Copies the path that a call gives for `parameter`. Throws [Abort].
  void copy(Call call, PathParameter parameter) {
    isNull = PathTreatment.isNull(call.kind(), call, parameter);
    boolean isString = call.name().equals("mount") && parameter.variable().equals("source");
    Errno tooLong = isString ? Errno.EINVAL : Errno.ENAMETOOLONG;
    rawLength = isNull ? 0 : call.memory().copyString(call.arg(parameter.path()), raw, tooLong);
    state = State.COPIED;
  }

  /// Finds what it leads to. Throws [Abort].
  void resolve(Call call, PathParameter parameter) {
    if (PathTreatment.isIgnored(call.kind(), call, parameter)) {
      state = State.PINNED; // to nothing
    } else {
      PathResolver.resolve(call, this, parameter);
    }
  }

  /// Whether it is known where it leads.
  boolean isResolved() {
    return state == State.PINNED || state == State.NAMED;
  }

  /// The last component as it was given: with a slash behind it, if there was one, as the kernel
  /// asks for a directory then; `/` if there is no component.
  public NativeBytes givenName() {
    int end = name.indexOfNul(0, (int) name.size());
    boolean slash = rawLength > 0 && raw.getByte(rawLength - 1L) == '/';
    if (end == 0 || (slash && name.getByte(end - 1L) != '/')) {
      name.putByte(end, (byte) '/');
      name.putByte(end + 1L, (byte) 0);
    }
    return name;
  }

  /// The path of the object: absolute, without links, `.` or `..`, from the root of the supervisor.
  public Text canonical() {
    return canonical;
  }

  /// The bytes the call was given.
  public Text given(Text to) {
    to.set(raw, rawLength);
    return to;
  }

  /// The same, copied.
  public byte[] toBytes() {
    byte[] bytes = new byte[rawLength];
    raw.get(0, bytes, 0, rawLength);
    return bytes;
  }

  /// The status of [#object].
  public Stat stat() {
    if (!statted) {
      Abort.check(Files.fstat(object, stat));
      statted = true;
    }
    return stat;
  }

  /// The same when it has just been found. Throws [Abort].
  Stat stat(Call call) {
    if (!statted) {
      FileStatus.read(call, object, stat);
      statted = true;
    }
    return stat;
  }

  Stat parentStat(Call call) {
    if (!parentStatted) {
      FileStatus.read(call, parent, parentStat);
      parentStatted = true;
    }
    return parentStat;
  }

  /// Whether the object is a directory of the caller's own in proc(5) where it may do anything, as
  /// with its descriptors. Allocates.
  public boolean isOwnAndOpen(Call call) {
    return OwnProc.isOpen(call, object);
  }

  /// Whether it is the one with the facts about those, or a file in it, which everybody may read of
  /// their own. Allocates.
  public boolean isOwnFacts(Call call) {
    return OwnProc.isFacts(call, object, canonical);
  }

  /// Whether it is a link or file of the caller's own there, such as `/proc/self/exe`. Allocates.
  public boolean isOwnEntry(Call call) {
    return OwnProc.isEntry(call, object, canonical);
  }

  /// The text of a link in a proc(5) that means whoever reads it (`/proc/self`), for the caller of
  /// `call`; empty if it is another link. Allocates.
  public Optional<byte[]> linkToCaller(Call call) {
    String path = canonical.toString();
    String name = path.substring(path.lastIndexOf('/') + 1);
    return ProcLinks.textFor(call, name, object, stat().dev());
  }

  /// Whether the path is empty, and a descriptor itself is meant (AT_EMPTY_PATH).
  public boolean isDescriptor() {
    return rawLength == 0;
  }

  boolean isAbsolute() {
    return raw.getByte(0) == '/';
  }

  /// Whether a slash follows the last component, and that is a name rather than the root, `.` or
  /// `..`.
  public boolean isNameWithSlash() {
    int end = rawLength;
    while (end > 0 && raw.getByte(end - 1L) == '/') {
      end--;
    }
    int start = end;
    while (start > 0 && raw.getByte(start - 1L) != '/') {
      start--;
    }
    int dots = start;
    while (dots < end && raw.getByte(dots) == '.') {
      dots++;
    }
    return end < rawLength && start < end && (dots < end || end - start > 2);
  }

  /// From here on it leads to another object: `fd`, which is held in the place of what was. The
  /// canonical path stays.
  public void lead(int fd) {
    close();
    object = fd;
    state = State.PINNED;
    statted = false;
    missing = false;
    foreign = false;
  }

  /// Closes what is held; what is known of it stays.
  void close() {
    if (object >= 0) {
      Files.close(object);
      object = -1;
    }
    if (parent >= 0) {
      Files.close(parent);
      parent = -1;
      parentStatted = false;
    }
  }

  /// Drops what is held, but keeps the copy.
  void unpin() {
    close();
    statted = false;
    missing = false;
    foreign = false;
    canonical.clear();
    if (state != State.EMPTY) {
      state = State.COPIED;
    }
  }

  void clear() {
    unpin();
    state = State.EMPTY;
    rawLength = 0;
    isNull = false;
  }
}
