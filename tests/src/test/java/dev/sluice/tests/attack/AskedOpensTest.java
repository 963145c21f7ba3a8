package dev.sluice.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Opens about which another program is asked, as a virus scanner is (fanotify(7)).
final class AskedOpensTest {
  private static final int ROUNDS = 8;

  /// How long that program takes at most to say that a file may be opened.
  private static final long HELD_NANOS = TimeUnit.SECONDS.toNanos(5);

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  /// The first may, before anybody knows, and now and then another, to see whether it still does.
  @Test
  @NeedsRoot
  void whoOpensAFileThatAProgramIsAskedAboutHoldsUpNobodyElseForLong() {
    sandbox.file("text", "a text\n");
    sandbox.file("guarded", "allowed\n");
    try (var guard = sandbox.program("asks", "guarded").start().awaitOutput("ready");
        var shell = sandbox.command("sh").under(sandbox.lookAtEverything()).start()) {
      int round = 1;
      while (isHeldUp(shell, guard, round)) {
        assertThat(++round).as("rounds in which others were held up").isLessThan(ROUNDS);
      }
    }
  }

  /// Whether an open of another file waits for as long as the program does not answer.
  private static boolean isHeldUp(Running shell, Running guard, int round) {
    shell.type("(read -r line < guarded; echo $line " + round + ") &\n");
    guard.await("be asked", () -> guard.out().lines().count() > round);
    shell.type("read -r line < text; echo $line " + round + "\n");
    boolean isHeldUp = !comes(shell, "a text " + round);
    guard.type("\n");
    shell.awaitOutput("allowed " + round);
    shell.awaitOutput("a text " + round);
    return isHeldUp;
  }

  private static boolean comes(Running shell, String text) {
    long end = System.nanoTime() + HELD_NANOS;
    while (!shell.out().contains(text)) {
      if (System.nanoTime() - end > 0) {
        return false;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
    return true;
  }
}
