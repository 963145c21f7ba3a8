package dev.sluice.supervisor.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.policy.condition.Condition.Comparison;
import dev.sluice.supervisor.policy.condition.Condition.NumberTest;
import dev.sluice.supervisor.policy.condition.Condition.TextTest;
import dev.sluice.supervisor.policy.condition.Glob;
import dev.sluice.supervisor.policy.condition.NumberValue;
import dev.sluice.supervisor.policy.condition.TextPattern;
import dev.sluice.supervisor.policy.condition.TextValue;
import dev.sluice.supervisor.target.CallView;
import dev.sluice.supervisor.target.SocketAddress;
import dev.sluice.supervisor.target.TaskView;
import dev.sluice.supervisor.target.Text;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A plan asks what its conditions would, no more and in no other order: what has been looked at
/// decides whether a call may continue.
class QuestionsTest {
  /// Knows registers, and strings that are `true` or `false`.
  private record Asked(long[] registers, Set<String> order) implements CallView {
    Asked(long[] registers) {
      this(registers, new LinkedHashSet<>());
    }

    @Override
    public long arg(int index) {
      order.add("register " + index);
      return registers[index];
    }

    @Override
    public Text string(int index) {
      order.add("string " + index);
      return Text.of(Boolean.toString(registers[index] == 1));
    }

    @Override
    public Text canonicalPath(int index) {
      throw new AssertionError();
    }

    @Override
    public long openFlags() {
      throw new AssertionError();
    }

    @Override
    public long openMode() {
      throw new AssertionError();
    }

    @Override
    public SocketAddress address() {
      throw new AssertionError();
    }

    @Override
    public Text addressPath() {
      throw new AssertionError();
    }

    @Override
    public Text workingDirectory() {
      throw new AssertionError();
    }

    @Override
    public TaskView task() {
      throw new AssertionError();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void areThoseOfTheConditionsInTheirOrder(long seed) {
    var random = new Random(seed);
    var found = new ArrayList<Integer>();
    for (int round = 0; round < 500; round++) {
      List<CallPlan.Step> steps =
          Stream.concat(
                  Stream.generate(() -> condition(random, 4)).limit(5),
                  Stream.of(Condition.Constant.TRUE))
              .map(condition -> new CallPlan.Step(condition, decision()))
              .toList();
      long[] registers = random.longs(6, 0, 2).toArray();
      var byConditions = new Asked(registers);
      int expected = 0;
      while (!steps.get(expected).condition().holds(byConditions)) {
        expected++;
      }
      var byQuestions = new Asked(registers);
      assertThat(new Questions(steps).ask(byQuestions))
          .as("seed %d, round %d", seed, round)
          .isEqualTo(expected);
      assertThat(byQuestions.order)
          .as("seed %d, round %d", seed, round)
          .isEqualTo(byConditions.order);
      found.add(expected);
    }
    assertThat(found).contains(0, 1, 2, 3, 4, 5);
  }

  private static Condition condition(Random random, int depth) {
    return switch (depth == 0 ? 0 : random.nextInt(5)) {
      case 0 -> random.nextBoolean() ? ofRegister(random.nextInt(6)) : ofString(random);
      case 1 -> new Condition.Not(condition(random, depth - 1));
      case 2 -> new Condition.Constant(random.nextInt(4) == 0);
      case 3 -> new Condition.Or(condition(random, depth - 1), condition(random, depth - 1));
      default -> new Condition.And(condition(random, depth - 1), condition(random, depth - 1));
    };
  }

  private static Condition ofRegister(int index) {
    var register = new NumberValue.Register(index, Long.SIZE, false);
    return new NumberTest(register, -1, Comparison.EQ, 1);
  }

  /// In each of these ways whether it is `true`.
  private static Condition ofString(Random random) {
    TextPattern pattern =
        switch (random.nextInt(6)) {
          case 0 -> TextPattern.Equal.to("true");
          case 1 -> new TextPattern.Prefix(TextPattern.bytes("tr"));
          case 2 -> new TextPattern.Suffix(TextPattern.bytes("ue"));
          case 3 -> new TextPattern.Containing(TextPattern.bytes("ru"));
          case 4 ->
              new TextPattern.AnyOf(
                  List.of(TextPattern.Equal.to("none"), TextPattern.Equal.to("true")));
          default -> new TextPattern.Globbed(Glob.compile("{x*ee,tr?*e}"));
        };
    return new TextTest(new TextValue.Argument(random.nextInt(6)), pattern);
  }

  private static Decision decision() {
    return new Decision(
        "", new Location("p.yaml", 1, 1), "allow", Verdict.CONTINUE, AuditMode.NEVER, 0);
  }
}
