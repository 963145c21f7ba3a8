package dev.sluice.supervisor.audit;

import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.Family;
import dev.sluice.supervisor.target.CallKind;
import dev.sluice.supervisor.target.SocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The rule that would allow a call that was denied, to be put before the rule that denied it.
public final class Denials {
  private static final Set<String> WRITING = Set.of("O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC");
  private static final int MAX_NAME = 40;

  private Denials() {}

  /// One line of YAML, an entry of `rules`. Empty if nothing was denied, or if no policy can speak
  /// of what was: a path that is not known, or not UTF-8.
  public static Optional<String> allowing(AuditRecord record) {
    if (!record.isDenial()) {
      return Optional.empty();
    }
    if (record.paths().stream().anyMatch(file -> !file.resolved() || !file.path().isUtf8())) {
      return Optional.empty();
    }
    return condition(record)
        .map(when ->
            "- { name: "
                + yaml(name(record))
                + ", on: "
                + on(record)
                + (when.isEmpty() ? "" : ", when: " + yaml(when))
                + ", allow: }");
  }

  /// Empty if it cannot be told from other calls that must not be allowed with it.
  private static Optional<String> condition(AuditRecord record) {
    if (record.address().isPresent()) {
      return term(record.address().get());
    }
    List<AuditRecord.NamedFile> paths = record.paths();
    if (paths.size() < named(record) || SocketAddress.isOf(record.syscall())) {
      return Optional.empty(); // registers decided it, and the rest is not known
    }
    if (paths.isEmpty()) {
      return Optional.of("");
    }
    boolean mount = record.syscall().equals("mount");
    var when = new StringBuilder();
    for (int i = 0; i < Math.min(paths.size(), isExec(record) ? 1 : 2); i++) {
      String variable = mount ? (i == 0 ? "source" : "target") : (i == 0 ? "path" : "path2");
      when.append(i == 0 ? "" : " && ").append(variable);
      when.append(" == ").append(cel(paths.get(i).path().toString()));
    }
    if (isOpen(record) && !writes(record)) {
      when.append(" && !access.write");
    }
    return Optional.of(when.toString());
  }

  /// How many paths a call has that a policy may speak of.
  private static int named(AuditRecord record) {
    return Arch.named(record.arch())
        .flatMap(arch -> CallKind.named(arch, record.syscall()))
        .map(kind -> kind.paths().size())
        .orElse(0);
  }

  /// A term of CEL that holds for an address alone. Empty if none can: a name that is not UTF-8, or
  /// a path of a socket that is not known.
  public static Optional<String> term(Address address) {
    if (address.path().isPresent()) {
      ByteText path = address.path().get();
      return path.isUtf8() && (address.isAbstract() || path.toString().startsWith("/"))
          ? Optional.of("address.path == " + cel(path.toString()))
          : Optional.empty();
    }
    String of =
        address.ip().isEmpty()
            ? "address.family == " + cel(address.family())
            : "address.ip == " + cel(address.ip());
    if (address.port() >= 0) {
      return Optional.of(of + " && address.port == " + address.port());
    }
    // the unnamed: one that chooses a name itself (unix(7), autobind)
    return Optional.of(address.family().equals("unix") ? of + " && address.path == \"\"" : of);
  }

  private static boolean isExec(AuditRecord record) {
    return record.syscall().startsWith("execve");
  }

  private static boolean isOpen(AuditRecord record) {
    return on(record).equals("\"@open\"");
  }

  private static boolean writes(AuditRecord record) {
    return record.syscall().equals("creat")
        || record.arguments().stream()
            .filter(argument -> argument.name().endsWith("flags"))
            .map(Argument::value)
            .anyMatch(value ->
                !(value instanceof Argument.Symbolic(String text))
                    || List.of(text.split("\\|", -1)).stream().anyMatch(WRITING::contains));
  }

  private static String on(AuditRecord record) {
    boolean byObject = !record.paths().isEmpty() || record.address().isPresent();
    return byObject ? callsLike(record.syscall()) : record.syscall();
  }

  /// All the calls that do the same, as a rule that decides by objects must name them.
  public static String callsLike(String call) {
    var calls = new TreeSet<String>(Set.of(call));
    for (Family family : Family.all()) {
      if (family.byObject() && family.calls().contains(call)) {
        if (family.group().isPresent()) {
          return '"' + family.group().get() + '"';
        }
        calls.addAll(family.calls());
      }
    }
    return calls.size() == 1 ? call : calls.toString();
  }

  private static String name(AuditRecord record) {
    String object =
        record.paths().isEmpty()
            ? record.address().map(Address::text).orElse("")
            : record.paths().getFirst().path().toString().replaceFirst(".*/", "");
    String name = ("allow-" + record.syscall() + "-" + object).replaceAll("[^A-Za-z0-9._-]+", "-");
    return name.substring(0, Math.min(name.length(), MAX_NAME)).replaceFirst("-+$", "");
  }

  /// A text as a literal of CEL.
  public static String cel(String text) {
    var literal = new StringBuilder("\"");
    text.codePoints()
        .forEach(point -> {
          switch (point) {
            case '"' -> literal.append("\\\"");
            case '\\' -> literal.append("\\\\");
            case '\n' -> literal.append("\\n");
            default -> {
              boolean plain = (point >= ' ' && point < 0x7f) || (point >= 0xa0 && point < 0x2000);
              if (plain) {
                literal.appendCodePoint(point);
              } else {
                literal.append(
                    point < 0x10000 ? "\\u%04x".formatted(point) : "\\U%08x".formatted(point));
              }
            }
          }
        });
    return literal.append('"').toString();
  }

  /// A text as a scalar of YAML.
  static String yaml(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
