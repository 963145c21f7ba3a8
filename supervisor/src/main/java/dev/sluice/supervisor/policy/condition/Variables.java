package dev.sluice.supervisor.policy.condition;

import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.condition.Condition.Comparison;
import dev.sluice.supervisor.policy.condition.Condition.NumberTest;
import dev.sluice.supervisor.policy.condition.NumberValue.OfTask;
import dev.sluice.supervisor.policy.condition.NumberValue.OpenHow;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.Signature;
import dev.sluice.supervisor.target.CallKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The names a condition may use, with what they stand for in one system call.
final class Variables {
  sealed interface Variable {
    record OfText(TextValue value) implements Variable {}

    record OfNumber(NumberValue value) implements Variable {}

    record OfTruth(Condition condition) implements Variable {}
  }

  /// open(2): constants a condition may compare flags with.
  static final Map<String, Long> CONSTANTS =
      Map.ofEntries(
          Map.entry("O_RDONLY", (long) OpenFlags.O_RDONLY),
          Map.entry("O_WRONLY", (long) OpenFlags.O_WRONLY),
          Map.entry("O_RDWR", (long) OpenFlags.O_RDWR),
          Map.entry("O_CREAT", (long) OpenFlags.O_CREAT),
          Map.entry("O_EXCL", (long) OpenFlags.O_EXCL),
          Map.entry("O_TRUNC", (long) OpenFlags.O_TRUNC),
          Map.entry("O_APPEND", (long) OpenFlags.O_APPEND),
          Map.entry("O_NONBLOCK", (long) OpenFlags.O_NONBLOCK),
          Map.entry("O_DIRECTORY", (long) OpenFlags.O_DIRECTORY),
          Map.entry("O_NOFOLLOW", (long) OpenFlags.O_NOFOLLOW),
          Map.entry("O_CLOEXEC", (long) OpenFlags.O_CLOEXEC),
          Map.entry("O_PATH", (long) OpenFlags.O_PATH),
          Map.entry("O_TMPFILE", (long) OpenFlags.O_TMPFILE),
          Map.entry("MS_RDONLY", 1L),
          Map.entry("MS_NOSUID", 2L),
          Map.entry("MS_NODEV", 4L),
          Map.entry("MS_NOEXEC", 8L),
          Map.entry("MS_REMOUNT", 32L),
          Map.entry("MS_BIND", 4096L),
          Map.entry("MS_MOVE", 8192L),
          Map.entry("MS_REC", 16384L));

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
    addOpen(kind, all);
    all.put("task.uid", new Variable.OfNumber(new OfTask(OfTask.Field.UID)));
    all.put("task.gid", new Variable.OfNumber(new OfTask(OfTask.Field.GID)));
    all.put("task.pid", new Variable.OfNumber(new OfTask(OfTask.Field.PID)));
    all.put("task.tid", new Variable.OfNumber(new OfTask(OfTask.Field.TID)));
    all.put("task.comm", new Variable.OfText(new TextValue.Comm()));
    return all;
  }

  private static void addParameter(
      CallKind kind, Signature.Parameter parameter, int register, Map<String, Variable> to) {
    int word = kind.arch().is64Bit() ? Long.SIZE : Integer.SIZE;
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
    Condition path = is(flags, OpenFlags.O_PATH, OpenFlags.O_PATH);
    Condition create =
        Condition.or(
            is(flags, OpenFlags.O_CREAT, OpenFlags.O_CREAT),
            is(flags, OpenFlags.O_TMPFILE, OpenFlags.O_TMPFILE));
    Condition write =
        Condition.any(
            List.of(
                is(flags, OpenFlags.O_ACCMODE, OpenFlags.O_WRONLY),
                is(flags, OpenFlags.O_ACCMODE, OpenFlags.O_RDWR),
                is(flags, OpenFlags.O_ACCMODE, OpenFlags.O_ACCMODE),
                is(flags, OpenFlags.O_TRUNC, OpenFlags.O_TRUNC),
                create));
    Condition read = Condition.not(is(flags, OpenFlags.O_ACCMODE, OpenFlags.O_WRONLY));
    // O_PATH ignores the rest, and gives a descriptor that can do neither
    to.put("access.read", truth(Condition.and(Condition.not(path), read)));
    to.put("access.write", truth(Condition.and(Condition.not(path), write)));
    to.put("access.create", truth(Condition.and(Condition.not(path), create)));
  }

  private static Variable truth(Condition condition) {
    return new Variable.OfTruth(condition);
  }

  private static Condition is(NumberValue value, long mask, long constant) {
    return test(value, mask, Comparison.EQ, constant);
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
