package dev.sluice.supervisor.syscall;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The parameters of a call, in the order of its registers. One signature serves all architectures
/// but for a few calls, such as those of i386 that need two registers for a 64-bit number.
public record Signature(String name, List<Parameter> parameters) {

  public record Parameter(Type type, String name) {}

  public enum Type {
    INT,
    UINT,
    LONG,
    ULONG,
    SIZE,
    FD,
    /// A descriptor that a relative path begins at, or AT_FDCWD.
    DIRFD,
    FLAGS,
    MODE,
    PID,
    UID,
    GID,
    /// A NUL-terminated string that names a file.
    PATH,
    /// Another NUL-terminated string.
    STRING,
    SOCKADDR,
    /// `struct open_how` of openat2(2).
    OPEN_HOW,
    POINTER;

    public boolean isPointer() {
      return switch (this) {
        case PATH, STRING, SOCKADDR, OPEN_HOW, POINTER -> true;
        default -> false;
      };
    }

    /// Whether the register holds 32 bits and the rest of it may be anything.
    public boolean isInt() {
      return switch (this) {
        case INT, UINT, FD, DIRFD, MODE, PID, UID, GID -> true;
        default -> false;
      };
    }
  }

  private static final Map<String, Signature> ALL = load();

  /// The signature of a call; empty for calls that were removed from the kernel long ago.
  public static Optional<Signature> of(String syscall) {
    return Optional.ofNullable(ALL.get(syscall));
  }

  /// The signature a call has on `arch`.
  public static Optional<Signature> of(Arch arch, String syscall) {
    Signature own = ALL.get(syscall + "@" + arch.name().toLowerCase(Locale.ROOT));
    return own == null ? of(syscall) : Optional.of(own);
  }

  /// The register of the parameter of that name, or -1.
  public int indexOf(String parameter) {
    for (int i = 0; i < parameters.size(); i++) {
      if (parameters.get(i).name.equals(parameter)) {
        return i;
      }
    }
    return -1;
  }

  private static Map<String, Signature> load() {
    var all = new HashMap<String, Signature>();
    TableFile.read(
        "signatures.tbl",
        fields -> {
          var parameters = new ArrayList<Parameter>();
          for (int i = 1; i < fields.length; i++) {
            int colon = fields[i].indexOf(':');
            Type type = Type.valueOf(fields[i].substring(0, colon).toUpperCase(Locale.ROOT));
            parameters.add(new Parameter(type, fields[i].substring(colon + 1)));
          }
          String name = fields[0].replaceFirst("@.*", "");
          all.put(fields[0], new Signature(name, List.copyOf(parameters)));
        });
    return Map.copyOf(all);
  }
}
