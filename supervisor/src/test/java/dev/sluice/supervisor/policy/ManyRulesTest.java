package dev.sluice.supervisor.policy;

import static dev.sluice.supervisor.policy.Policies.answer;
import static dev.sluice.supervisor.policy.Policies.compile;
import static dev.sluice.supervisor.policy.Policies.complaintsAbout;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.bpf.FilteredCalls;
import dev.sluice.supervisor.bpf.SeccompData;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Calls;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Policies of a thousand rules fit into a filter, and what they cost is the event loop's time
/// alone. How much of it: `tests/bench/run`.
class ManyRulesTest {
  private static final Arch ARCH = Arch.host();
  private static final int DENIED = Seccomp.RET_ERRNO | Errno.EPERM.number();

  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  void aDecisionAllocatesNothing() {
    CompiledPolicy policy = compile(ManyRules.aboutOpens(100));
    int nr = ARCH.number("openat").orElseThrow();
    CallPlan plan = Objects.requireNonNull(policy.table().plan(ARCH.audit(), nr));
    assertThat(plan.steps()).hasSize(101);
    Call call = Calls.of(ARCH, "openat", OpenFlags.AT_FDCWD, 0, OpenFlags.O_RDWR);
    byte[] path = ManyRules.ELSEWHERE.getBytes(StandardCharsets.UTF_8);
    assertThat(decideOften(plan, call, path, 1)).isEqualTo("default");

    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      decideOften(plan, call, path, 1_000);
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(least).as("bytes for 1,000 decisions").isZero();
  }

  private static String decideOften(CallPlan plan, Call call, byte[] path, int times) {
    String rule = "";
    for (int i = 0; i < times; i++) {
      Calls.givePinned(call, 0, path);
      rule = plan.decide(call).rule();
    }
    return rule;
  }

  @ParameterizedTest
  @CsvSource({"allow, deny: EPERM", "deny, 'allow: '"})
  void aThousandRulesOfAllKindsFitIntoAFilter(String otherwise, String action) {
    CompiledPolicy policy = compile(ManyRules.aboutEverything(otherwise, action, 1_000));
    assertThat(policy.filter().size()).isLessThan(1_000);
    var calls = new FilteredCalls();
    calls.add(policy.filter(), List.of(call("personality", 39), call("personality", 40)));
    boolean allows = otherwise.equals("allow");
    assertThat(calls.make().stream().map(result -> result.equals("value -1")))
        .as("whether it is denied: by rule 40, and by none")
        .containsExactly(allows, !allows);
  }

  private static SeccompData call(String name, long... args) {
    return SeccompData.of(ARCH.number(name).orElseThrow(), ARCH.audit(), args);
  }

  /// Each rule asks for the flags again, the filter once.
  @Test
  void whatManyRulesAskOfRegistersIsAskedOnce() {
    String when = "access.write && path.under(\"/srv/project%d\")";
    CompiledPolicy policy = compile(ManyRules.aboutOneCall("'@open'", when, 1_000));
    assertThat(policy.filter().size()).isLessThan(150);
    int open = ARCH.number("openat").orElseThrow();
    assertThat(answer(policy, ARCH, open, 0, 0, OpenFlags.O_RDONLY)).isEqualTo(Seccomp.RET_ALLOW);
    assertThat(answer(policy, ARCH, open, 0, 0, OpenFlags.O_RDWR))
        .isEqualTo(Seccomp.RET_USER_NOTIF);
  }

  @Test
  void aThousandConstantsForOneRegisterFitIntoAFilter() {
    CompiledPolicy policy = compile(ManyRules.aboutOneCall("ioctl", "args[1] == %d", 1_000));
    assertThat(answer(policy, ARCH, "ioctl", 0, 999)).isEqualTo(DENIED);
    assertThat(answer(policy, ARCH, "ioctl", 0, 1_000)).isEqualTo(Seccomp.RET_ALLOW);
    assertThat(answer(policy, ARCH, "ioctl", 0, 999 | 1L << 32)).isEqualTo(Seccomp.RET_ALLOW);
  }

  @Test
  void aFilterThatIsTooLargeIsRefusedWhereTheRulesBeginThatMakeItSo() {
    String before = ManyRules.aboutOneCall("prctl", "args[1] == %d", 3);
    String rules = ManyRules.aboutOneCall("ioctl", "args[1] == %1$d && args[2] == %1$d", 2_000);
    assertThat(complaintsAbout(before + rules.substring(rules.indexOf("  -"))))
        .containsExactly(
            "p.yaml:7:5: error: the filter is too large: more than 4096 instructions; the kernel"
                + " takes 1 to 4096. The rules about ioctl need most of them: there have to be"
                + " fewer that differ in registers, or they have to compare with ranges");
  }

  /// The filter that is installed has more: the command is executed whatever the rules say.
  @Test
  void aFilterThatLeavesNoRoomForTheStartOfACommandIsRefused() {
    String rules = ManyRules.aboutOneCall("ioctl", "args[1] == %d", 1_125);
    assertThat(complaintsAbout(rules + "  - {on: execve, allow: , audit: always}\n"))
        .singleElement()
        .asString()
        .contains("instructions; the kernel takes 1 to 4096, and to start a command takes 64");
  }
}
