package dev.sluice.supervisor.audit.log;

import dev.sluice.supervisor.audit.Argument;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.AuditRecord.NamedFile;
import dev.sluice.supervisor.audit.ByteText;
import dev.sluice.supervisor.audit.Caller;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.explain.UndescribedException;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.Constants;
import dev.sluice.supervisor.target.CallKind;
import dev.sluice.supervisor.target.CallView;
import dev.sluice.supervisor.target.SocketAddress;
import dev.sluice.supervisor.target.TaskView;
import dev.sluice.supervisor.target.Text;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A call that somebody made once, as its record has it. What the record does not have throws
/// [UndescribedException].
public final class RecordedCall implements CallView, TaskView {
  private final CallKind kind;
  private final AuditRecord record;
  private final boolean lenient;

  private RecordedCall(CallKind kind, AuditRecord record, boolean lenient) {
    this.kind = kind;
    this.record = record;
    this.lenient = lenient;
  }

  /// The call of a record, if this version knows its ABI.
  ///
  /// @param lenient whether an absolute path that was given stands for where it led, if that is not
  ///   in the record
  public static Optional<RecordedCall> of(AuditRecord record, boolean lenient) {
    return kindOf(record).map(kind -> new RecordedCall(kind, record, lenient));
  }

  /// What kind of call a record is about.
  public static Optional<CallKind> kindOf(AuditRecord record) {
    return Arch.named(record.arch()).flatMap(arch -> CallKind.named(arch, record.syscall()));
  }

  public CallKind kind() {
    return kind;
  }

  @Override
  public long arg(int index) {
    return record.args().get(index);
  }

  @Override
  public Text canonicalPath(int index) {
    if (index < record.paths().size()) {
      NamedFile file = record.paths().get(index);
      if (file.resolved()) {
        return text(file.path());
      }
      String given = file.path().toString();
      if (lenient && given.startsWith("/") && file.path().isUtf8()) {
        return Text.of(Path.of(given).normalize().toString());
      }
    }
    throw UndescribedException.of("where " + kind.paths().get(index).variable() + " led");
  }

  @Override
  public Text string(int index) {
    if (record.args().get(index) == 0) {
      return new Text();
    }
    String name = kind.signature().parameters().get(index).name();
    return switch (argument(name)) {
      case Argument.Copied(ByteText text) -> text(text);
      default -> throw UndescribedException.of(name);
    };
  }

  private Argument.Value argument(String name) {
    return record.arguments().stream()
        .filter(argument -> argument.name().equals(name))
        .findFirst()
        .map(Argument::value)
        .orElseThrow(() -> UndescribedException.of(name));
  }

  @Override
  public long openFlags() {
    return number("how.flags");
  }

  @Override
  public long openMode() {
    return number("how.mode");
  }

  private long number(String name) {
    if (!(argument(name) instanceof Argument.Symbolic(String text))) {
      throw UndescribedException.of(name);
    }
    long number = 0;
    for (String word : List.of(text.split("\\|", -1))) {
      try {
        number |= Constants.of(word, kind.arch()).orElseGet(() -> Long.decode(word));
      } catch (NumberFormatException e) {
        throw UndescribedException.of(name); // that of another version, or made up
      }
    }
    return number;
  }

  /// The guard has found out, where one decided.
  @Override
  public boolean isOfSupervisor(int pid) {
    return record.rule().equals(Optional.of(PolicyCompiler.GUARD));
  }

  @Override
  public SocketAddress address() {
    var address = new SocketAddress();
    if (record.address().isPresent()) {
      address.set(
          record.address().get().raw().bytes(),
          switch (kind.name()) {
            case "connect" -> SocketAddress.Use.CONNECT;
            case "bind" -> SocketAddress.Use.BIND;
            default -> SocketAddress.Use.SEND;
          });
    } else if (!kind.name().startsWith("send") || record.args().get(4) != 0) {
      throw UndescribedException.of("address");
    }
    return address;
  }

  @Override
  public Text addressPath() {
    SocketAddress address = address();
    if (address.isFile()) {
      var known = record.address().orElseThrow();
      if (!known.resolved() && !lenient) {
        throw UndescribedException.of("where address.path led");
      }
      return text(known.path().orElse(ByteText.EMPTY));
    }
    return address.path();
  }

  @Override
  public Text workingDirectory() {
    throw UndescribedException.of("task.cwd");
  }

  @Override
  public TaskView task() {
    return this;
  }

  private Caller.Known known(String what) {
    return record.caller().task().orElseThrow(() -> UndescribedException.of("task." + what));
  }

  @Override
  public int tid() {
    return record.caller().tid();
  }

  @Override
  public int tgid() {
    return known("pid").pid();
  }

  @Override
  public int uid() {
    return (int) known("uid").uid();
  }

  @Override
  public int gid() {
    return (int) known("gid").gid();
  }

  @Override
  public long capabilities() {
    return known("caps").capabilities();
  }

  @Override
  public Text comm() {
    return text(known("comm").comm());
  }

  @Override
  public Text exe() {
    return text(known("exe").exe().orElseThrow(() -> UndescribedException.of("task.exe")));
  }

  @Override
  public Text cgroup() {
    return text(known("cgroup").cgroup().orElseThrow(() -> UndescribedException.of("task.cgroup")));
  }

  private static Text text(ByteText bytes) {
    var text = new Text();
    text.set(bytes.bytes());
    return text;
  }
}
