package dev.sluice.supervisor.syscall;

import java.util.Arrays;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// An ABI a call can be made in, under the name its table has.
public enum Arch {
  X86_64(0xc000003e),
  /// Reached from 64-bit programs too, by `int 0x80`.
  I386(0x40000003),
  AARCH64(0xc00000b7);

  /// Set in the numbers of x32 calls, which arrive as [#X86_64].
  public static final int X32_BIT = 0x40000000;

  private static final Arch NATIVE =
      System.getProperty("os.arch").equals("aarch64") ? AARCH64 : X86_64;

  private final int audit;

  @SuppressWarnings("ImmutableEnumChecker") // nothing writes to it once it is loaded
  private final Table table;

  Arch(int audit) {
    this.audit = audit;
    this.table = Table.load(name().toLowerCase(Locale.ROOT));
  }

  /// The architecture this JVM runs on.
  public static Arch host() {
    return NATIVE;
  }

  /// The architecture of a name such as `x86_64`.
  public static Optional<Arch> named(String name) {
    return Arrays.stream(values())
        .filter(arch -> arch.name().toLowerCase(Locale.ROOT).equals(name))
        .findFirst();
  }

  /// The architecture of an `AUDIT_ARCH_` value (linux/audit.h).
  public static Optional<Arch> ofAudit(int audit) {
    return Arrays.stream(values()).filter(arch -> arch.audit == audit).findFirst();
  }

  /// The `AUDIT_ARCH_` value: what `seccomp_data.arch` holds.
  public int audit() {
    return audit;
  }

  /// Whether its pointers and registers have 64 bits.
  public boolean is64Bit() {
    return this != I386;
  }

  public OptionalInt number(String syscall) {
    Integer nr = table.numbers.get(syscall);
    return nr == null ? OptionalInt.empty() : OptionalInt.of(nr);
  }

  public Optional<String> name(int nr) {
    return nr >= 0 && nr < table.names.length
        ? Optional.ofNullable(table.names[nr])
        : Optional.empty();
  }

  /// The name, or the number in words: for messages and records.
  public String describe(int nr) {
    return name(nr).orElseGet(() -> "syscall " + nr);
  }

  /// All its calls by name.
  public Map<String, Integer> numbers() {
    return table.numbers;
  }

  /// One more than its largest number.
  public int limit() {
    return table.names.length;
  }

  private record Table(Map<String, Integer> numbers, @Nullable String[] names) {
    static Table load(String arch) {
      var numbers = new TreeMap<String, Integer>();
      TableFile.read(arch + ".tbl", fields -> numbers.put(fields[1], Integer.parseInt(fields[0])));
      int limit = numbers.values().stream().mapToInt(nr -> nr + 1).max().orElseThrow();
      var names = new String[limit];
      numbers.forEach((name, nr) -> names[nr] = name);
      return new Table(Collections.unmodifiableMap(numbers), names);
    }
  }
}
