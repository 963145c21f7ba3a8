package dev.sluice.tests.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/// Who a record says has made a call.
@Isolated("numbers of processes that have just ended are given out again")
final class RecordedCallersTest {
  /// A shell makes a call and ends; then somebody else, who has its number and executes nothing.
  /// Prints the number, or nothing if it was never given out again.
  private static final String PROGRAM =
      """
      import os
      def next_is(number):
          with open("/proc/sys/kernel/ns_last_pid", "w") as last:
              last.write(str(number - 1))
      for attempt in range(50):
          shell = os.posix_spawn("/bin/dash", ["dash", "-c", ":"], {})
          os.waitpid(shell, 0)
          next_is(shell)
          child = os.fork()
          if child == 0:
              os.getppid()
              os._exit(0)
          os.waitpid(child, 0)
          if child == shell:
              print(child)
              break
      """;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  @NeedsRoot
  void whoHasTheNumberOfOneThatHasEndedIsNotTakenForIt() {
    sandbox.file("program.py", PROGRAM);
    Run run =
        sandbox
            .command("/usr/bin/python3", "-B", "program.py")
            .under(sandbox.policy("- { name: asked, on: getppid, allow: , audit: always }"))
            .run()
            .mustSucceed();

    String number = run.out().strip();
    assumeFalse(number.isEmpty(), "others were always given the number");
    assertThat(run.recordsOf("asked"))
        .filteredOn(entry -> entry.text("tid").equals(number))
        .extracting(entry -> entry.text("comm"))
        .containsExactly("dash", "python3");
  }
}
