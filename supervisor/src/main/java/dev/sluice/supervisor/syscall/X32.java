package dev.sluice.supervisor.syscall;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The ABI of x86-64 with pointers of 32 bits. It is no [Arch] of its own: its calls arrive as
/// those of [Arch#X86_64], with [Arch#X32_BIT] in their numbers. Few kernels still have it.
public final class X32 {
  private static final Map<String, Integer> NUMBERS = load();

  private X32() {}

  /// All its calls by name; the bit is in their numbers.
  public static Map<String, Integer> numbers() {
    return NUMBERS;
  }

  /// The name of a number with the bit in it.
  public static Optional<String> name(int nr) {
    return NUMBERS.entrySet().stream()
        .filter(each -> each.getValue() == nr)
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /// One more than its largest number.
  public static int limit() {
    return Collections.max(NUMBERS.values()) + 1;
  }

  private static Map<String, Integer> load() {
    var numbers = new TreeMap<String, Integer>();
    TableFile.read("x32.tbl", fields -> numbers.put(fields[1], Integer.parseInt(fields[0])));
    return Collections.unmodifiableMap(numbers);
  }
}
