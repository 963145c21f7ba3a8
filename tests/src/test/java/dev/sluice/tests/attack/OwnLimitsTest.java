package dev.sluice.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// prlimit(2) of those who decide and record: the kernel lets everybody with their ids set it.
final class OwnLimitsTest {
  /// Of the supervisor, one of its threads, which stays as long as it does, `sluice-run`, and a
  /// worker of this user, if there is one; then of whom one may.
  private static final String SETS =
      """
      limit() { prlimit --pid "$2" --fsize=0:0 2>err && echo "$1 set" || echo "$1 $(grep -o -e 'not permitted' -e 'No such process' err)"; }
      front=$(awk '/^PPid/ { print $2 }' /proc/$PPID/status)
      thread=$(grep -lsx 'VM Thread' /proc/$PPID/task/*/comm | cut -d / -f 5)
      worker=$(pgrep -P "$PPID" -x sluice-worker -u "$(id -u)" | head -n 1)
      prlimit --pid "$PPID" --fsize >read || echo "not read"
      limit supervisor "$PPID"
      limit thread "$thread"
      limit front "$front"
      [ -z "$worker" ] || limit worker "$worker"
      sleep 60 & limit child $!
      kill $!
      cat file
      limit self $$
      """;

  private static final String REFUSED =
      "supervisor not permitted\nthread not permitted\nfront not permitted\n";

  private static final String SET = "child set\ncontentself set\n";

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @BeforeEach
  void makeFile() {
    sandbox.file("file", "content");
  }

  private Command sets() {
    return sandbox.command("sh", "-c", SETS).under(sandbox.lookAtEverything());
  }

  private static void isRefused(Run run, String out) {
    // it has none yet, perhaps, or one that has rested for long enough to end
    String found = run.out().replaceFirst("worker (not permitted|No such process)\n", "");
    assertThat(found).as("%s", run).isEqualTo(out);
    assertThat(run.recordsOf("guard"))
        .as("records are written, and this is among them")
        .hasSizeGreaterThan(2)
        .allMatch(each -> each.texts("syscall", "errno").equals("prlimit64 EPERM"));
    assertThat(run.records())
        .anyMatch(
            each -> each.text("syscall").equals("openat") && each.toString().contains("/file"));
  }

  @Test
  void theSupervisorKeepsItsLimits() {
    isRefused(sets().run(), REFUSED + SET);
  }

  @Test
  @NeedsRoot
  void soDoesThatOfAnOrdinaryUser() {
    isRefused(sets().supervisedAs(User.ORDINARY).run(), REFUSED + SET);
  }

  /// Who has its number only in a namespace above is another's.
  @Test
  @NeedsRoot
  void numbersAreThoseOfTheCallersNamespace() {
    String limits = "prlimit --pid 1 --fsize=0:0 && prlimit --pid 1 --fsize | grep -c ' 0 '";
    Run run =
        sandbox
            .command("unshare", "-pf", "--kill-child", "sh", "-c", limits + "; true")
            .under(sandbox.lookAtEverything())
            .run();

    assertThat(run.out()).as("%s", run).isEqualTo("1\n");
    assertThat(run.recordsOf("guard")).isEmpty();
  }
}
