package dev.sluice.supervisor.policy;

import static dev.sluice.supervisor.policy.Policies.answer;
import static dev.sluice.supervisor.policy.Policies.compile;
import static dev.sluice.supervisor.policy.Policies.decide;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.RandomWhen.Expression;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Calls;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A `when` over registers is evaluated twice, by the filter and by the supervisor, and means a
/// third thing: what its C types say. All three must agree, at the ends of ranges above all.
class LoweringTest {
  private static final int DENIED = Seccomp.RET_ERRNO | Errno.EACCES.number();
  private static final int OTHERWISE = Seccomp.RET_ERRNO | Errno.EPERM.number();

  /// Calls whose registers are of every type, width and sign, each with a path if it has any.
  private static final List<String> CALLS =
      List.of(
          "lseek",
          "setuid",
          "setresuid",
          "fchmod",
          "ftruncate",
          "socket",
          "kill",
          "dup3",
          "fcntl",
          "umask",
          "setpriority",
          "getpriority",
          "mprotect",
          "read",
          "madvise",
          "fchown",
          "mremap");

  /// Who decides one call by its path has to decide its family.
  private static final String OTHERS = "- {name: others, on: '@open', deny: EPERM}";

  private static final int CALLS_OF_A_POLICY = 12;
  private static final int LOOKS = 60;

  @ParameterizedTest
  @CsvSource({"X86_64, 1", "X86_64, 2", "X86_64, 3", "I386, 1", "I386, 2", "I386, 3"})
  void filterAndSupervisorAgreeOnWhatRegistersDecide(Arch arch, long seed) {
    var random = new Random(seed);
    for (int round = 0; round < 8; round++) {
      Map<String, Expression> rules = rules(arch, random);
      CompiledPolicy policy = compile(text(arch, rules));
      rules.forEach((call, when) -> {
        for (int i = 0; i < LOOKS; i++) {
          long[] registers = RandomWhen.registers(arch, random);
          boolean expected = when.value(registers, Optional.empty()).orElseThrow();
          String about =
              "%s(%s) when %s, seed %d".formatted(call, Arrays.toString(registers), when, seed);
          assertThat(answer(policy, arch, call, registers))
              .as(about)
              .isEqualTo(expected ? DENIED : OTHERWISE);
          assertThat(decide(policy, Calls.of(arch, call, registers)).rule())
              .as(about)
              .isEqualTo(expected ? call : "default");
        }
      });
    }
  }

  /// A path is true, false or not known; the filter asks exactly where it is not known and matters.
  @ParameterizedTest
  @CsvSource({"X86_64, 1", "X86_64, 2", "I386, 1", "I386, 2"})
  void theFilterAsksExactlyWhereRegistersLeaveItOpen(Arch arch, long seed) {
    var random = new Random(seed);
    int asked = 0;
    int looks = 0;
    for (int round = 0; round < 12; round++) {
      var when = RandomWhen.withPaths(arch, "openat", random);
      CompiledPolicy policy = compile(text(arch, Map.of("openat", when)) + OTHERS);
      for (int i = 0; i < LOOKS; i++) {
        long[] registers = RandomWhen.registers(arch, random);
        Optional<Boolean> known = when.value(registers, Optional.empty());
        int expected =
            known.map(holds -> holds ? DENIED : OTHERWISE).orElse(Seccomp.RET_USER_NOTIF);
        assertThat(answer(policy, arch, "openat", registers))
            .as("openat(%s) when %s, seed %d", Arrays.toString(registers), when, seed)
            .isEqualTo(expected);
        asked += expected == Seccomp.RET_USER_NOTIF ? 1 : 0;
        looks++;
      }
    }
    assertThat(asked).isBetween(looks / 10, looks * 9 / 10);
  }

  /// What the supervisor then finds is what the whole expression means.
  @ParameterizedTest
  @CsvSource({"X86_64, 3", "I386, 4"})
  void theSupervisorDecidesWhatTheFilterLeftOpen(Arch arch, long seed) {
    var random = new Random(seed);
    for (int round = 0; round < 10; round++) {
      var when = RandomWhen.withPaths(arch, "openat", random);
      CompiledPolicy policy = compile(text(arch, Map.of("openat", when)) + OTHERS);
      for (int i = 0; i < LOOKS; i++) {
        long[] registers = RandomWhen.registers(arch, random);
        boolean inside = random.nextBoolean();
        boolean expected = when.value(registers, Optional.of(inside)).orElseThrow();
        var call = Calls.of(arch, "openat", registers);
        Calls.givePinned(call, 0, inside ? RandomWhen.INSIDE : "/elsewhere");
        assertThat(decide(policy, call).rule())
            .as("openat(%s) when %s, %s", Arrays.toString(registers), when, inside)
            .isEqualTo(expected ? "openat" : "others");
      }
    }
  }

  /// Each level would double the work, were its parts not lowered once.
  @Test
  void aDeepConditionIsNoMoreWorkThanItIsLong() {
    String when = "path.under(\"/a\")";
    for (int i = 0; i < 60; i++) {
      String test = i % 2 == 0 ? "flags.has(%d)".formatted(1 << i % 20) : "path.under(\"/b\")";
      when = "%s %s (%s)".formatted(test, i % 3 == 0 ? "&&" : "||", when);
    }
    CompiledPolicy policy =
        compile("sluice: v1\nrules:\n- {on: '@open', deny: EACCES, when: '" + when + "'}\n");
    assertThat(policy.filter().size()).isLessThan(400);
  }

  private static Map<String, Expression> rules(Arch arch, Random random) {
    var calls = new ArrayList<>(CALLS);
    var rules = new LinkedHashMap<String, Expression>();
    while (rules.size() < CALLS_OF_A_POLICY) {
      String call = calls.remove(random.nextInt(calls.size()));
      rules.put(call, RandomWhen.ofRegisters(arch, call, random));
    }
    return rules;
  }

  private static String text(Arch arch, Map<String, Expression> rules) {
    var text =
        new StringBuilder(
            "sluice: v1\ndefault: deny\narchitectures: ["
                + arch.name().toLowerCase(Locale.ROOT)
                + "]\nrules:\n");
    rules.forEach((call, when) ->
        text.append(
            "- {name: %s, on: %s, deny: EACCES, when: '%s'}\n".formatted(call, call, when)));
    return text.toString();
  }
}
