package dev.sluice.bench;

import dev.sluice.supervisor.handler.Asker;
import dev.sluice.supervisor.handler.Handlers;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.ManyRules;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Calls;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What policies of many rules cost: to compile one, and to decide a call by one.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class PolicyBenchmark {
  /// A call that has been received, whose path has been copied and resolved.
  @State(Scope.Thread)
  public static class Open {
    private final CallPlan plan = plan();
    private final Call call =
        Calls.of(Arch.host(), "openat", OpenFlags.AT_FDCWD, 0, OpenFlags.O_RDWR);
    private final byte[] path = ManyRules.ELSEWHERE.getBytes(StandardCharsets.UTF_8);

    private static CallPlan plan() {
      Arch arch = Arch.host();
      return Objects.requireNonNull(
          compile(ManyRules.aboutOpens(100))
              .table()
              .planOf(arch, arch.number("openat").orElseThrow()));
    }
  }

  /// A policy of 1,000 rules, of all kinds.
  @Benchmark
  public CompiledPolicy compile1000() {
    return compile(ManyRules.aboutEverything("allow", "deny: EACCES", 1000));
  }

  /// A decision by a policy of 100 rules, none of which holds.
  @Benchmark
  public Decision decide100(Open open) {
    Calls.givePinned(open.call, 0, open.path);
    return open.plan.decide(open.call);
  }

  private static CompiledPolicy compile(String text) {
    var handlers = Handlers.load(List.of(), Optional.empty(), Asker.NOBODY);
    try {
      return new PolicyCompiler(handlers, Map.of("HOME", "/home/dev")).compile("p.yaml", text);
    } catch (PolicyException e) {
      throw new IllegalStateException(e);
    }
  }
}
