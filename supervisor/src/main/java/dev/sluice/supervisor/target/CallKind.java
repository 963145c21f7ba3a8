package dev.sluice.supervisor.target;

import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.PathParameter;
import dev.sluice.supervisor.syscall.Signature;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// What is the same for all calls of one number: looked up once, when a policy is compiled.
///
/// @param paths its parameters that name files
public record CallKind(
    Arch arch, int nr, String name, Signature signature, List<PathParameter> paths) {

  static final CallKind UNKNOWN =
      new CallKind(Arch.host(), -1, "unknown", new Signature("unknown", List.of()), List.of());

  public static CallKind of(Arch arch, int nr) {
    return named(arch, nr, arch.describe(nr));
  }

  /// The kind of a call whose name the table of the architecture does not tell: one of x32.
  public static CallKind named(Arch arch, int nr, String name) {
    return new CallKind(
        arch,
        nr,
        name,
        Signature.of(arch, name).orElseGet(() -> new Signature(name, List.of())),
        PathParameter.of(arch, name));
  }

  /// The kind of a call by its name; empty if the architecture does not have it.
  public static Optional<CallKind> named(Arch arch, String call) {
    OptionalInt nr = arch.number(call);
    return nr.isEmpty() ? Optional.empty() : Optional.of(of(arch, nr.getAsInt()));
  }
}
