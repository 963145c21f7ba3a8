package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.syscall.Arch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/// Profiles with several rules for few calls, so that rules meet: the same conditions, overlapping
/// ones, and some that contain others.
final class RandomProfile {
  /// The newest call that libseccomp 2.5.4 knows.
  private static final int NEWEST = 450;

  private static final List<String> CALLS = calls();

  private static final List<String> ACTIONS =
      List.of("KILL_PROCESS", "KILL", "TRAP", "ERRNO", "TRACE", "LOG", "ALLOW", "NOTIFY");

  private static final List<Operator> OPERATORS = List.of(Operator.values());

  private final Random random;
  private final List<String> calls = new ArrayList<>();
  private final List<Long> constants = new ArrayList<>();
  private final List<String> actions = new ArrayList<>();

  RandomProfile(Random random) {
    this(random, CALLS);
  }

  /// @param about what its rules may be about
  RandomProfile(Random random, List<String> about) {
    this.random = random;
    for (int i = random.nextInt(4) + 1; i > 0; i--) {
      calls.add(about.get(random.nextInt(about.size())));
    }
    for (int i = random.nextInt(5) + 1; i > 0; i--) {
      constants.add(constant());
    }
    for (int i = random.nextInt(3) + 1; i > 0; i--) {
      actions.add(ACTIONS.get(random.nextInt(ACTIONS.size())));
    }
  }

  String json() {
    return json(ACTIONS.get(random.nextInt(ACTIONS.size() - 1)));
  }

  String json(String defaultAction) {
    var rules = new ArrayList<String>();
    for (int i = random.nextInt(10) + 1; i > 0; i--) {
      rules.add(rule());
    }
    String architectures =
        List.of("X86", "X32", "AARCH64").stream()
            .filter(_ -> random.nextBoolean())
            .map(arch -> "\"SCMP_ARCH_" + arch + "\"")
            .collect(Collectors.joining(", "));
    return """
    {"defaultAction": "SCMP_ACT_%s", "defaultErrnoRet": %d, "architectures": [%s],
     "syscalls": [
      %s]}
    """
        .formatted(defaultAction, random.nextInt(3), architectures, String.join(",\n  ", rules));
  }

  private String rule() {
    var arguments = new ArrayList<String>();
    int first = random.nextInt(3);
    for (int i = random.nextInt(4); i > 0; i--) {
      arguments.add(argument(random.nextInt(8) == 0 ? random.nextInt(6) : (first + i) % 3));
    }
    String names =
        random
            .ints(random.nextInt(2) + 1L, 0, calls.size())
            .mapToObj(i -> '"' + calls.get(i) + '"')
            .collect(Collectors.joining(", "));
    return "{\"names\": [%s], \"action\": \"SCMP_ACT_%s\", \"errnoRet\": %d, \"args\": [%s]}"
        .formatted(
            names,
            actions.get(random.nextInt(actions.size())),
            random.nextInt(8) == 0 ? 2 : 1,
            String.join(", ", arguments));
  }

  private String argument(int index) {
    Operator operator = OPERATORS.get(random.nextInt(OPERATORS.size()));
    return "{\"index\": %d, \"value\": %s, \"valueTwo\": %s, \"op\": \"%s\"}"
        .formatted(
            index,
            Long.toUnsignedString(constants.get(random.nextInt(constants.size()))),
            Long.toUnsignedString(constants.get(random.nextInt(constants.size()))),
            operator);
  }

  private long constant() {
    long power = 1L << random.nextInt(Long.SIZE);
    return switch (random.nextInt(6)) {
      case 0 -> random.nextInt(4);
      case 1 -> power - 1;
      case 2 -> -power;
      case 3 -> random.nextLong();
      case 4 -> random.nextInt(4) | (long) random.nextInt(4) << Integer.SIZE;
      default -> power;
    };
  }

  /// Values for a register that lie at the ends of what the constants distinguish.
  static List<Long> boundaries(List<Argument> arguments) {
    var values = new ArrayList<>(List.of(0L, 1L, -1L, 1L << 31, -1L << 31, 1L << 32, -1L >>> 32));
    for (Argument argument : arguments) {
      for (long value : new long[] {argument.constant(), argument.mask(), ~argument.mask()}) {
        values.addAll(
            List.of(
                value,
                value - 1,
                value + 1,
                value + (1L << 32),
                value - (1L << 32),
                value ^ 1L << 31,
                (long) (int) value,
                value & -1L >>> 32,
                value & -1L << 32));
      }
    }
    return values;
  }

  private static List<String> calls() {
    var calls = new ArrayList<String>();
    for (Arch arch : List.of(Arch.X86_64, Arch.I386)) {
      arch.numbers()
          .forEach((name, nr) -> {
            if (nr <= NEWEST && !name.startsWith("uretprobe")) {
              calls.add(name);
            }
          });
    }
    // the calls that have two ways more often than others
    for (int i = 0; i < 3; i++) {
      calls.addAll(MultiplexedCalls.names());
    }
    calls.sort(null);
    return calls;
  }
}
