package dev.sluice.supervisor.syscall;

import java.util.Collections;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/// The names the kernel's headers have for numbers in arguments, such as `O_CREAT`.
public final class Constants {
  private record Value(long number, long onArm64, long onI386) {}

  private static final Map<String, Value> ALL = load();

  private Constants() {}

  /// The number a name stands for in calls of `arch`; empty if there is no such name.
  public static OptionalLong of(String name, Arch arch) {
    Value value = ALL.get(name);
    if (value == null) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(
        switch (arch) {
          case AARCH64 -> value.onArm64;
          case I386 -> value.onI386;
          default -> value.number;
        });
  }

  public static Set<String> names() {
    return ALL.keySet();
  }

  private static Map<String, Value> load() {
    var all = new TreeMap<String, Value>();
    TableFile.read(
        "constants.tbl",
        fields -> {
          long number = Long.parseLong(fields[1]);
          long onArm64 = fields.length > 2 ? Long.parseLong(fields[2]) : number;
          long onI386 = fields.length > 3 ? Long.parseLong(fields[3]) : number;
          all.put(fields[0], new Value(number, onArm64, onI386));
        });
    return Collections.unmodifiableMap(all);
  }
}
