package dev.sluice.tests.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `sluice doctor`, on this machine.
final class DoctorTest {
  /// What the tests need themselves.
  private static final List<String> NEEDED =
      List.of(
          "yes  SECCOMP_RET_USER_NOTIF (5.0)",
          "yes  SECCOMP_USER_NOTIF_FLAG_CONTINUE (5.5)",
          "yes  SECCOMP_IOCTL_NOTIF_ADDFD (5.9)",
          "yes  SECCOMP_ADDFD_FLAG_SEND (5.14)",
          "yes  process_vm_readv of a child",
          "yes  openat2 with RESOLVE_CACHED (5.12)",
          "yes  PTRACE_SEIZE of a child");

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void itSaysWhatThisMachineCanDo() {
    check(sandbox.sluice("doctor").run().mustSucceed(), "0");
  }

  @Test
  @NeedsRoot
  void anOrdinaryUserCanDoTheSame() {
    check(sandbox.sluice("doctor").as(User.ORDINARY).run().mustSucceed(), "0");
  }

  @Test
  void aFilterWithoutAListenerLeavesRoomForOne() {
    var kernelOnly = sandbox.policy("- {on: acct, deny: EPERM}");

    check(sandbox.sluice("doctor").under(kernelOnly).run().mustSucceed(), "2");
  }

  @Test
  void itSeesAnotherListener() {
    Run run = sandbox.sluice("doctor").under(sandbox.lookAtEverything()).run();

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.lines())
        .contains(
            "no   SECCOMP_RET_USER_NOTIF (5.0): EBUSY; another listener is in the way: see below",
            "no   room for a listener: we run under one already, and the kernel allows one; run"
                + " sluice outside of it");
  }

  private static void check(Run run, String seccompMode) {
    assertThat(run.lines())
        .hasSize(15)
        .containsAll(NEEDED)
        .contains("yes  room for a listener (Seccomp mode " + seccompMode + ")")
        .allMatch(line -> line.matches("(yes|no ) {1,2}\\S.*"));
  }
}
