package dev.sluice.supervisor.policy.explain;

import dev.sluice.supervisor.bpf.SeccompData;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.condition.NumberValue;
import dev.sluice.supervisor.policy.condition.PathAnchor;
import dev.sluice.supervisor.syscall.PathParameter;
import dev.sluice.supervisor.syscall.Signature.Parameter;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.CallKind;
import dev.sluice.supervisor.target.CallView;
import dev.sluice.supervisor.target.PathTreatment;
import dev.sluice.supervisor.target.SocketAddress;
import dev.sluice.supervisor.target.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A system call that nobody makes: what was said of it. Whatever else is asked throws
/// [UndescribedException].
///
/// A path is taken as it is given, but for the directories on its way that exist here: links among
/// them are followed, as in the paths of a policy.
public final class DescribedCall implements CallView {
  /// What was said of one argument.
  ///
  /// @param written as it was said
  /// @param value of the register; empty if it points to something
  /// @param text that the register points to
  record Argument(String written, Optional<Long> value, Optional<String> text) {}

  private static final PathParameter NO_DIRFD =
      new PathParameter("address.path", -1, -1, PathParameter.Last.FOLLOW, -1);

  private final CallKind kind;
  private final @Nullable Argument[] arguments;
  private final SortedMap<String, Argument> openHow;
  private final DescribedTask task;
  private final String home;
  private boolean memoryRead;

  /// @param arguments by register; null where nothing was said
  /// @param openHow members of openat2(2)'s `struct open_how`
  /// @param home what `~` stands for
  DescribedCall(
      CallKind kind,
      @Nullable Argument[] arguments,
      Map<String, Argument> openHow,
      DescribedTask task,
      String home) {
    this.kind = kind;
    this.arguments = arguments.clone();
    this.openHow = new TreeMap<>(openHow);
    this.task = task;
    this.home = home;
  }

  public CallKind kind() {
    return kind;
  }

  /// Whether anything but registers was asked since [#forget].
  boolean isMemoryRead() {
    return memoryRead;
  }

  /// Begins again.
  void forget() {
    memoryRead = false;
  }

  @Override
  public long arg(int index) {
    Argument argument = arguments[index];
    if (argument == null || argument.value.isEmpty()) {
      throw UndescribedException.of(nameOf(index, argument));
    }
    long value = argument.value.get();
    return kind.arch().is64Bit() ? value : value & 0xffff_ffffL;
  }

  /// The parameter; if only what it points to is known, the register itself.
  private String nameOf(int register, @Nullable Argument argument) {
    List<Parameter> parameters = kind.signature().parameters();
    return argument == null && register < parameters.size()
        ? parameters.get(register).name()
        : "args[" + register + "]";
  }

  /// The 32 bits that a filter finds at `offset` in `struct seccomp_data`.
  int word(int offset) {
    return switch (offset) {
      case SeccompData.NR -> kind.nr();
      case SeccompData.ARCH -> kind.arch().audit();
      default -> {
        int index = (offset - SeccompData.low(0)) / Long.BYTES;
        if (offset < SeccompData.low(0)) {
          throw UndescribedException.of("the instruction pointer");
        }
        long value = arg(index);
        yield offset == SeccompData.low(index) ? (int) value : (int) (value >>> Integer.SIZE);
      }
    };
  }

  @Override
  public Text canonicalPath(int index) {
    memoryRead = true;
    PathParameter parameter = kind.paths().get(index);
    Argument argument = arguments[parameter.path()];
    if (argument == null) {
      throw UndescribedException.of(parameter.variable());
    }
    if (argument.text.isEmpty()) {
      return withoutText(argument, parameter);
    }
    String given = argument.text.get();
    if (given.isEmpty()) {
      if (PathTreatment.takesEmpty(kind, this, parameter)) {
        return descriptor(parameter);
      }
      throw Abort.errno(Errno.ENOENT);
    }
    return Text.of(canonical(given, parameter));
  }

  /// What a call is about that has a descriptor instead of a path.
  private Text descriptor(PathParameter parameter) {
    int descriptor = (int) arg(parameter.dirfd());
    if (descriptor == OpenFlags.AT_FDCWD) {
      return task.workingDirectory();
    }
    throw new UndescribedException(
        "",
        "the verdict depends on what descriptor "
            + descriptor
            + " refers to, which was not said: give its path");
  }

  private String canonical(String given, PathParameter parameter) {
    boolean absolute = given.startsWith("/") || given.equals("~") || given.startsWith("~/");
    String path = absolute ? given : directory(given, parameter) + "/" + given;
    try {
      return canonical(PathAnchor.absolute(path, home));
    } catch (IllegalArgumentException e) {
      throw new UndescribedException("", String.valueOf(e.getMessage()));
    }
  }

  private static String canonical(String absolute) {
    Path normal = PathAnchor.path(absolute).normalize();
    Path parent = normal.getParent();
    if (parent == null || normal.startsWith("/proc")) {
      return normal.toString(); // whose links lead elsewhere for each process
    }
    Path directory = Path.of(PathAnchor.directory(parent.toString(), "/"));
    return directory.resolve(normal.getFileName()).toString();
  }

  private String directory(String given, PathParameter parameter) {
    Argument dirfd = parameter.dirfd() < 0 ? null : arguments[parameter.dirfd()];
    if (dirfd != null && dirfd.value.isPresent()) {
      int descriptor = (int) (long) dirfd.value.get();
      if (descriptor != OpenFlags.AT_FDCWD) {
        throw new UndescribedException(
            "",
            "'"
                + given
                + "' is relative to descriptor "
                + descriptor
                + ", and where that is was not said: give an absolute path");
      }
    }
    return task.workingDirectory().toString();
  }

  private Text withoutText(Argument argument, PathParameter parameter) {
    if (!argument.value.equals(Optional.of(0L))) {
      throw UndescribedException.of(parameter.variable());
    }
    if (PathTreatment.isIgnored(kind, this, parameter)) {
      return Text.of("");
    }
    if (PathTreatment.isNull(kind, this, parameter)) {
      return descriptor(parameter);
    }
    throw Abort.errno(Errno.EFAULT);
  }

  @Override
  public Text string(int register) {
    memoryRead = true;
    Argument argument = arguments[register];
    if (argument == null || (argument.text.isEmpty() && !argument.value.equals(Optional.of(0L)))) {
      throw UndescribedException.of(nameOf(register, null));
    }
    return Text.of(argument.text.orElse(""));
  }

  @Override
  public long openFlags() {
    return openHow("flags");
  }

  @Override
  public long openMode() {
    return openHow("mode");
  }

  private long openHow(String member) {
    memoryRead = true;
    Argument argument = openHow.get(member);
    if (argument == null) {
      throw UndescribedException.of(member);
    }
    return argument.value.orElseThrow();
  }

  @Override
  public SocketAddress address() {
    memoryRead = true;
    Argument argument = arguments[Objects.requireNonNull(CallReader.ADDRESSES.get(kind.name()))];
    if (argument == null) {
      throw UndescribedException.of("address");
    }
    var use =
        switch (kind.name()) {
          case "connect" -> SocketAddress.Use.CONNECT;
          case "bind" -> SocketAddress.Use.BIND;
          default -> SocketAddress.Use.SEND;
        };
    if (argument.text.isEmpty() && use != SocketAddress.Use.SEND) {
      throw Abort.errno(Errno.EFAULT);
    }
    var address = new SocketAddress();
    address.set(argument.text.map(AddressReader::read).orElse(new byte[0]), use);
    return address;
  }

  @Override
  public Text addressPath() {
    SocketAddress address = address();
    return address.isFile()
        ? Text.of(canonical(address.path().toString(), NO_DIRFD))
        : address.path();
  }

  @Override
  public Text workingDirectory() {
    memoryRead = true;
    return task.workingDirectory();
  }

  @Override
  public DescribedTask task() {
    return task;
  }

  /// A number as it was said, if it was.
  Optional<String> written(NumberValue value) {
    Argument argument =
        switch (value) {
          case NumberValue.Register(int index, int _, boolean _) -> arguments[index];
          case NumberValue.OpenHow(var member) ->
              openHow.get(member.name().toLowerCase(Locale.ROOT));
          default -> null;
        };
    return Optional.ofNullable(argument).map(Argument::written);
  }

  /// Whether it is said to be an open with all these flags.
  boolean isOpenWith(int flags) {
    Argument argument =
        switch (kind.name()) {
          case "open" -> arguments[1];
          case "openat" -> arguments[2];
          case "openat2" -> openHow.get("flags");
          default -> null;
        };
    return argument != null && (argument.value.orElse(0L) & flags) == flags;
  }

  /// Such as `openat(dirfd=AT_FDCWD, pathname=/etc/shadow)`.
  @Override
  public String toString() {
    var words = new ArrayList<String>();
    for (int i = 0; i < arguments.length; i++) {
      Argument argument = arguments[i];
      if (argument != null) {
        words.add(nameOf(i, null) + "=" + argument.written);
      }
    }
    openHow.forEach((member, value) -> words.add("how." + member + "=" + value.written));
    return kind.name() + "(" + String.join(", ", words) + ")";
  }
}
