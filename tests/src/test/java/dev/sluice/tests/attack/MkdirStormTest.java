package dev.sluice.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Thousands of signals a second while a program makes directories: what a call says is what it
/// did. `tests/soak/run mkdirs` makes more.
final class MkdirStormTest {
  private static final int COUNT = 1000;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void withRestartNothingIsNoticed() {
    assertThat(made(mkdirs("restart")).of("eintr")).isZero();
  }

  @Test
  @NeedsRoot
  void withRestartNothingIsNoticedWhereAWorkerMakesThem() {
    assertThat(made(mkdirs("restart").as(User.ORDINARY)).of("eintr")).isZero();
  }

  /// EINTR is a known difference: see `transparency.md`.
  @Test
  void withoutRestartNothingIsLostOrDoubled() {
    made(mkdirs("interrupt"));
  }

  @Test
  @NeedsRoot
  void withoutRestartNothingIsLostOrDoubledWhereAWorkerMakesThem() {
    made(mkdirs("interrupt").as(User.ORDINARY));
  }

  private Command mkdirs(String mode) {
    sandbox.directory("made");
    return sandbox.program("mkdirs", "made", "" + COUNT, mode);
  }

  private Counts made(Command mkdirs) {
    var counts = Counts.of(mkdirs.under(sandbox.lookAtEverything()).run());
    assertThat(counts.of("signals")).as("%s", counts).isGreaterThan(100);
    assertThat(counts.of("lost")).as("%s", counts).isZero();
    assertThat(counts.of("doubled")).as("%s", counts).isZero();
    assertThat(counts.of("failed")).as("%s", counts).isZero();
    assertThat(counts.of("made")).isEqualTo(COUNT);
    assertThat(sandbox.path("made").toFile().list()).hasSize(COUNT);
    return counts;
  }
}
