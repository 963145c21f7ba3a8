package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Stat;

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
  State state = State.EMPTY;
  int object = -1;
  int parent = -1;
  final NativeBytes name = NativeBytes.allocate(256);

  /// In state NAMED: the name was looked for and is not there.
  boolean missing;

  /// The object is something of ours in /proc: only another process knows what the target may do
  /// with it.
  boolean foreign;

  final Text canonical = new Text();
  private final Stat stat = new Stat();
  private final Stat parentStat = new Stat();
  private boolean statted;

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

  Stat parentStat() {
    Abort.check(Files.fstat(parent, parentStat));
    return parentStat;
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

  /// Drops what is held, but keeps the copy.
  void unpin() {
    if (object >= 0) {
      Files.close(object);
      object = -1;
    }
    if (parent >= 0) {
      Files.close(parent);
      parent = -1;
    }
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
  }
}
