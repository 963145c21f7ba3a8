package dev.sluice.supervisor.audit;

import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.PathParameter;
import dev.sluice.supervisor.syscall.Signature;
import dev.sluice.supervisor.syscall.Signature.Parameter;
import dev.sluice.supervisor.syscall.Symbols;
import dev.sluice.supervisor.target.CallDetails;
import dev.sluice.supervisor.target.CallKind;
import dev.sluice.supervisor.target.VectorParameter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Decodes the arguments of calls. Used by one thread.
final class ArgumentDecoder {
  private static final String AT_FDCWD = "AT_FDCWD";

  private record Format(Parameter parameter, Optional<Symbols> symbols) {}

  private final Map<CallKind, List<Format>> formats = new HashMap<>();

  List<Argument> decode(CallKind kind, CallDetails details) {
    long[] args = details.registers();
    List<Format> known = known(kind);
    var arguments = new ArrayList<Argument>(known.size() + 2);
    for (int i = 0; i < known.size(); i++) {
      Parameter parameter = known.get(i).parameter;
      if (parameter.type() == Signature.Type.OPEN_HOW && details.hasOpen()) {
        addOpenHow(kind.arch(), details, arguments);
      } else if (!isUnusedMode(kind, i, args)) {
        arguments.add(
            new Argument(parameter.name(), value(kind, known.get(i), i, args[i], details)));
      }
    }
    addVectors(kind, details, arguments);
    return arguments;
  }

  /// There is no end of numbers that no table has: of those nothing is remembered.
  private List<Format> known(CallKind kind) {
    return kind.signature().parameters().isEmpty()
        ? List.of()
        : formats.computeIfAbsent(kind, ArgumentDecoder::formats);
  }

  /// In the place of their pointers, or behind all that is in registers.
  private static void addVectors(CallKind kind, CallDetails details, List<Argument> to) {
    List<VectorParameter> vectors = VectorParameter.of(kind.name());
    for (int i = 0; i < vectors.size(); i++) {
      if (details.hasVector(i)) {
        VectorParameter vector = vectors.get(i);
        var argument = new Argument(vector.name(), VectorDecoder.decode(vector, i, details));
        int place = kind.signature().indexOf(vector.name());
        if (place >= 0) {
          to.set(place, argument);
        } else {
          to.add(argument);
        }
      }
    }
  }

  private static List<Format> formats(CallKind kind) {
    return kind.signature().parameters().stream()
        .map(parameter ->
            new Format(parameter, Symbols.of(kind.arch(), kind.name(), parameter.name())))
        .toList();
  }

  /// The mode of an open that makes nothing is whatever the register held.
  private static boolean isUnusedMode(CallKind kind, int index, long[] args) {
    int flags =
        switch (kind.name()) {
          case "open" -> 1;
          case "openat" -> 2;
          default -> -1;
        };
    return flags >= 0
        && index == flags + 1
        && (args[flags] & (OpenFlags.O_CREAT | (OpenFlags.O_TMPFILE & ~OpenFlags.O_DIRECTORY)))
            == 0;
  }

  private static void addOpenHow(Arch arch, CallDetails details, List<Argument> to) {
    add(arch, "flags", details.openFlags(), to);
    to.add(new Argument("how.mode", octal(details.openMode())));
    add(arch, "resolve", details.openResolve(), to);
  }

  private static void add(Arch arch, String member, long number, List<Argument> to) {
    String name = "how." + member;
    Symbols symbols = Symbols.of(arch, "openat2", name).orElseThrow();
    to.add(new Argument(name, new Argument.Symbolic(symbols.text(number))));
  }

  private static Argument.Value value(
      CallKind kind, Format format, int index, long register, CallDetails details) {
    long number = narrow(format.parameter.type(), register);
    if (format.symbols.isPresent()) {
      return new Argument.Symbolic(format.symbols.get().text(number));
    }
    return switch (format.parameter.type()) {
      case DIRFD ->
          number == OpenFlags.AT_FDCWD
              ? new Argument.Symbolic(AT_FDCWD)
              : new Argument.Plain(number);
      case MODE -> octal(number);
      case FLAGS -> new Argument.Symbolic(number == 0 ? "0" : "0x" + Long.toHexString(number));
      case PATH -> path(kind, index, register, details);
      case STRING ->
          details.hasString(index)
              ? new Argument.Copied(new ByteText(details.string(index)))
              : new Argument.Plain(number);
      default -> new Argument.Plain(number);
    };
  }

  private static Argument.Value octal(long number) {
    return new Argument.Symbolic(number == 0 ? "0" : "0" + Long.toOctalString(number));
  }

  /// What the kernel makes of the register.
  private static long narrow(Signature.Type type, long register) {
    return switch (type) {
      case INT, FD, DIRFD, PID -> (int) register;
      case UINT, UID, GID, FLAGS -> register & 0xffff_ffffL;
      case MODE -> register & 0xffff;
      default -> register;
    };
  }

  private static Argument.Value path(
      CallKind kind, int register, long pointer, CallDetails details) {
    List<PathParameter> paths = kind.paths();
    for (int i = 0; i < paths.size(); i++) {
      if (paths.get(i).path() == register && details.hasPath(i) && pointer != 0) {
        return new Argument.Copied(new ByteText(details.givenPath(i)));
      }
    }
    return new Argument.Plain(pointer);
  }
}
