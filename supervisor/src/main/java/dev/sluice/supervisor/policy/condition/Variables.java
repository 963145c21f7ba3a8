package dev.sluice.supervisor.policy.condition;

import dev.sluice.supervisor.bpf.SeccompData;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.condition.Condition.Comparison;
import dev.sluice.supervisor.policy.condition.Condition.NumberTest;
import dev.sluice.supervisor.policy.condition.NumberValue.OfTask;
import dev.sluice.supervisor.policy.condition.NumberValue.OpenHow;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.Constants;
import dev.sluice.supervisor.syscall.Groups;
import dev.sluice.supervisor.syscall.Signature;
import dev.sluice.supervisor.target.CallKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// The names a condition may use, with what they stand for in one system call.
final class Variables {
  sealed interface Variable {
    record OfText(TextValue value) implements Variable {}

    record OfNumber(NumberValue value) implements Variable {}

    record OfTruth(Condition condition) implements Variable {}

    /// The address of a socket as a whole.
    record OfAddress() implements Variable {}
  }

  static final NumberValue CAPABILITIES = new OfTask(OfTask.Field.CAPABILITIES);

  static final String SECOND_PATH = "path2";

  private static final Set<String> EXEC = Groups.members("@exec").orElseThrow();
  private static final Set<String> MODIFY = Groups.members("@modify").orElseThrow();

  /// Those of [#MODIFY] that make a file, or another name for one.
  private static final Set<String> CREATING =
      Set.of("mkdir", "mkdirat", "mknod", "mknodat", "symlink", "symlinkat", "link", "linkat");

  private Variables() {}

  static Map<String, Variable> of(CallKind kind) {
    var all = new LinkedHashMap<String, Variable>();
    for (int i = 0; i < kind.paths().size(); i++) {
      all.put(kind.paths().get(i).variable(), new Variable.OfText(new TextValue.Path(i)));
    }
    List<Signature.Parameter> parameters = kind.signature().parameters();
    for (int i = 0; i < parameters.size(); i++) {
      addParameter(kind, parameters.get(i), i, all);
    }
    if (kind.name().equals("mount")) {
      all.put("fstype", new Variable.OfText(new TextValue.Argument(2)));
      all.put("flags", new Variable.OfNumber(new NumberValue.Register(3, Integer.SIZE, false)));
    }
    if (kind.name().equals("fsopen")) {
      all.put("fstype", new Variable.OfText(new TextValue.Argument(0)));
    }
    addOpen(kind, all);
    addAccess(kind, all);
    AddressVariables.add(kind, all);
    for (int i = 0; i < SeccompData.ARGS; i++) {
      var register = new NumberValue.Register(i, word(kind), false);
      all.put("args[" + i + "]", new Variable.OfNumber(register));
    }
    all.put("task.uid", new Variable.OfNumber(new OfTask(OfTask.Field.UID)));
    all.put("task.gid", new Variable.OfNumber(new OfTask(OfTask.Field.GID)));
    all.put("task.pid", new Variable.OfNumber(new OfTask(OfTask.Field.PID)));
    all.put("task.tid", new Variable.OfNumber(new OfTask(OfTask.Field.TID)));
    all.put("task.caps", new Variable.OfNumber(CAPABILITIES));
    all.put("task.exe", new Variable.OfText(new TextValue.Exe()));
    all.put("task.cwd", new Variable.OfText(new TextValue.WorkingDirectory()));
    all.put("task.comm", new Variable.OfText(new TextValue.Comm()));
    return all;
  }

  /// The same of a call that is on record, of which more is known.
  static Map<String, Variable> ofRecord(CallKind kind) {
    Map<String, Variable> all = of(kind);
    all.put("task.cgroup", new Variable.OfText(new TextValue.Cgroup()));
    return all;
  }

  /// The same, where `path` is the second one.
  static Map<String, Variable> ofSecondPath(Map<String, Variable> all) {
    var others = new LinkedHashMap<>(all);
    others.put("path", Objects.requireNonNull(all.get(SECOND_PATH)));
    return others;
  }

  private static void addParameter(
      CallKind kind, Signature.Parameter parameter, int register, Map<String, Variable> to) {
    int word = word(kind);
    switch (parameter.type()) {
      case INT, FD, DIRFD, PID -> addNumber(parameter, register, Integer.SIZE, true, to);
      case UINT, FLAGS -> addNumber(parameter, register, Integer.SIZE, false, to);
      case UID, GID -> addNumber(parameter, register, bitsOfIds(kind), false, to);
      // umode_t
      case MODE -> addNumber(parameter, register, Short.SIZE, false, to);
      case LONG -> addNumber(parameter, register, word, true, to);
      case ULONG, SIZE -> addNumber(parameter, register, word, false, to);
      case STRING ->
          to.putIfAbsent(parameter.name(), new Variable.OfText(new TextValue.Argument(register)));
      case PATH, SOCKADDR, OPEN_HOW, POINTER -> {}
    }
  }

  private static int word(CallKind kind) {
    return kind.arch().is64Bit() ? Long.SIZE : Integer.SIZE;
  }

  private static void addNumber(
      Signature.Parameter parameter,
      int register,
      int bits,
      boolean signed,
      Map<String, Variable> to) {
    to.putIfAbsent(
        parameter.name(), new Variable.OfNumber(new NumberValue.Register(register, bits, signed)));
  }

  /// The first calls of i386 take ids of 16 bits; setuid has setuid32 beside it for the others.
  private static int bitsOfIds(CallKind kind) {
    boolean old = kind.arch() == Arch.I386 && kind.arch().number(kind.name() + "32").isPresent();
    return old ? Short.SIZE : Integer.SIZE;
  }

  private static void addOpen(CallKind kind, Map<String, Variable> to) {
    NumberValue flags =
        switch (kind.name()) {
          case "open" -> new NumberValue.Register(1, Integer.SIZE, false);
          case "openat" -> new NumberValue.Register(2, Integer.SIZE, false);
          case "openat2" -> new OpenHow(OpenHow.Member.FLAGS);
          case "creat" ->
              new NumberValue.Fixed(OpenFlags.O_CREAT | OpenFlags.O_WRONLY | OpenFlags.O_TRUNC);
          default -> null;
        };
    if (flags == null) {
      return;
    }
    to.put("flags", new Variable.OfNumber(flags));
    if (kind.name().equals("openat2")) {
      to.put("mode", new Variable.OfNumber(new OpenHow(OpenHow.Member.MODE)));
    }
    Condition path = has(flags, "O_PATH", kind);
    Condition create = Condition.or(has(flags, "O_CREAT", kind), has(flags, "O_TMPFILE", kind));
    // all but O_RDONLY: 3 asks for both permissions (open(2), NOTES)
    Condition write =
        Condition.any(
            List.of(
                test(flags, OpenFlags.O_ACCMODE, Comparison.NE, OpenFlags.O_RDONLY),
                has(flags, "O_TRUNC", kind),
                create));
    Condition read =
        Condition.not(test(flags, OpenFlags.O_ACCMODE, Comparison.EQ, OpenFlags.O_WRONLY));
    // O_PATH ignores the rest, and gives a descriptor that can do neither
    to.put("access.read", truth(Condition.and(Condition.not(path), read)));
    to.put("access.write", truth(Condition.and(Condition.not(path), write)));
    to.put("access.create", truth(Condition.and(Condition.not(path), create)));
  }

  /// What any other call that names a file does with it is known from its name.
  private static void addAccess(CallKind kind, Map<String, Variable> to) {
    if (to.containsKey("path")) {
      to.putIfAbsent("access.read", constant(EXEC.contains(kind.name())));
      to.putIfAbsent("access.write", constant(MODIFY.contains(kind.name())));
      to.putIfAbsent("access.create", constant(CREATING.contains(kind.name())));
    }
  }

  private static Variable constant(boolean value) {
    return truth(value ? Condition.Constant.TRUE : Condition.Constant.FALSE);
  }

  private static Variable truth(Condition condition) {
    return new Variable.OfTruth(condition);
  }

  /// Whether all bits of a flag are set, which has other bits on other architectures than ours.
  private static Condition has(NumberValue flags, String name, CallKind kind) {
    long bits = Constants.of(name, kind.arch()).orElseThrow();
    return test(flags, bits, Comparison.EQ, bits);
  }

  /// A test, made at once if the value is a constant.
  static Condition test(NumberValue value, long mask, Comparison comparison, long constant) {
    var test = new NumberTest(value, mask, comparison, constant);
    if (value instanceof NumberValue.Fixed(long fixed)) {
      return new Condition.Constant(comparison.holds(Long.compareUnsigned(fixed & mask, constant)));
    }
    return test;
  }
}
