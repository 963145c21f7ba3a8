package dev.sluice.supervisor.policy.diff;

import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.policy.condition.Condition.NumberTest;
import dev.sluice.supervisor.policy.condition.Condition.TextTest;
import dev.sluice.supervisor.policy.condition.NumberValue;
import dev.sluice.supervisor.policy.condition.TextValue;
import dev.sluice.supervisor.policy.explain.CallReader;
import dev.sluice.supervisor.syscall.Signature.Parameter;
import dev.sluice.supervisor.target.CallKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// The values that make a difference to conditions, under the names [CallReader] knows: of each
/// comparison one where it holds and one where it does not.
final class ExampleValues {
  private static final int MAX_VALUES = 24;
  private static final int HEXADECIMAL_FROM = 1024;

  private final CallKind kind;
  private final Map<String, Set<String>> values = new LinkedHashMap<>();

  ExampleValues(CallKind kind) {
    this.kind = kind;
  }

  Map<String, List<String>> byName() {
    var all = new LinkedHashMap<String, List<String>>();
    values.forEach((name, set) -> all.put(name, set.stream().limit(MAX_VALUES).toList()));
    return all;
  }

  void add(Condition condition) {
    switch (condition) {
      case Condition.Constant _ -> {}
      case Condition.Not(Condition operand) -> add(operand);
      case Condition.And(Condition left, Condition right) -> {
        add(left);
        add(right);
      }
      case Condition.Or(Condition left, Condition right) -> {
        add(left);
        add(right);
      }
      case NumberTest test -> addNumbers(test);
      case TextTest test -> addTexts(test);
    }
  }

  private Set<String> of(String name) {
    return values.computeIfAbsent(name, _ -> new LinkedHashSet<>());
  }

  private void addNumbers(NumberTest test) {
    switch (test.value()) {
      case NumberValue.Register(int index, int _, boolean _) -> numbers(nameOf(index), test);
      case NumberValue.OpenHow(var member) -> numbers(member.name().toLowerCase(Locale.ROOT), test);
      case NumberValue.OfTask(var field) -> {
        String name = field.name().toLowerCase(Locale.ROOT);
        if (field == NumberValue.OfTask.Field.CAPABILITIES) {
          of("task.caps").addAll(List.of("none", "all"));
        } else {
          numbers("task." + name, test);
        }
      }
      case NumberValue.OfAddress(var part) -> {
        addAddress("10.1.2.3:1");
        if (part == NumberValue.OfAddress.Part.PORT) {
          for (long port = test.constant() - 1; port <= test.constant() + 1; port++) {
            if (port >= 0 && port <= 0xffff) {
              addAddress("10.1.2.3:" + port);
            }
          }
        }
      }
      default -> {}
    }
  }

  private void addAddress(String address) {
    of("address").add(address);
  }

  /// On both sides of a constant, and with one bit less than it and one more.
  private void numbers(String name, NumberTest test) {
    Set<String> numbers = of(name);
    var around = new ArrayList<Long>(List.of(0L));
    long constant = test.constant();
    around.addAll(List.of(constant, constant - 1, constant + 1));
    if (test.mask() != -1) {
      around.addAll(
          List.of(
              test.mask(),
              constant ^ Long.lowestOneBit(test.mask()),
              constant ^ Long.highestOneBit(test.mask())));
    }
    boolean narrow = test.value().bits() <= Integer.SIZE;
    for (long number : around) {
      long most = narrow && !test.value().isSigned() ? number & 0xffff_ffffL : number;
      numbers.add(most < HEXADECIMAL_FROM ? Long.toString(most) : "0x" + Long.toHexString(most));
    }
  }

  private String nameOf(int register) {
    List<Parameter> parameters = kind.signature().parameters();
    return register < parameters.size() && !parameters.get(register).type().isPointer()
        ? parameters.get(register).name()
        : "args[" + register + "]";
  }

  private void addTexts(TextTest test) {
    switch (test.value()) {
      case TextValue.Path(int index) ->
          of(kind.paths().get(index).variable()).addAll(PatternExamples.paths(test.pattern()));
      case TextValue.Argument(int register) ->
          of(kind.signature().parameters().get(register).name())
              .addAll(PatternExamples.texts(test.pattern()));
      case TextValue.Comm _ -> of("task.comm").addAll(PatternExamples.texts(test.pattern()));
      case TextValue.Exe _ -> of("task.exe").addAll(PatternExamples.paths(test.pattern()));
      case TextValue.OfContainer _ -> {}
      case TextValue.Cgroup _ -> of("task.cgroup").addAll(PatternExamples.texts(test.pattern()));
      case TextValue.WorkingDirectory _ ->
          of("task.cwd").addAll(PatternExamples.paths(test.pattern()));
      case TextValue.OfAddress(var part) -> {
        of("address").addAll(List.of("10.1.2.3:1", "[fd00::1]:1", "/elsewhere"));
        if (part == TextValue.OfAddress.Part.PATH) {
          of("address").addAll(PatternExamples.paths(test.pattern()));
        } else {
          of("address").addAll(PatternExamples.addresses(test.pattern()));
        }
      }
    }
  }
}
