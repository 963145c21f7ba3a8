package dev.sluice.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A thousand signals a second while a program opens files: no answer is lost, none goes to another
/// call, and no descriptor is left.
final class SignalStormTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @BeforeEach
  void makeFile() {
    sandbox.file("file", "content");
  }

  @Test
  void withRestartNothingIsNoticed() {
    assertThat(survivors(storm("restart")).of("eintr")).isZero();
  }

  @Test
  @NeedsRoot
  void withRestartNothingIsNoticedWhereAWorkerOpens() {
    assertThat(survivors(storm("restart").as(User.ORDINARY)).of("eintr")).isZero();
  }

  /// EINTR is a known difference: see `transparency.md`.
  @Test
  void withoutRestartNothingIsLost() {
    survivors(storm("interrupt"));
  }

  @Test
  @NeedsRoot
  void withoutRestartNothingIsLostWhereAWorkerOpens() {
    survivors(storm("interrupt").as(User.ORDINARY));
  }

  private Command storm(String mode) {
    return sandbox.program("storm", "file", "2", mode);
  }

  private Counts survivors(Command storm) {
    var counts = Counts.of(storm.under(sandbox.lookAtEverything()).run());
    assertThat(counts.of("signals")).as("%s", counts).isGreaterThan(100);
    assertThat(counts.of("opened")).as("%s", counts).isGreaterThan(100);
    assertThat(counts.of("wrong")).as("%s", counts).isZero();
    assertThat(counts.of("failed")).as("%s", counts).isZero();
    assertThat(counts.of("highest")).as("no descriptor is left: %s", counts).isEqualTo(3);
    assertThat(counts.of("opened") + counts.of("eintr")).isEqualTo(counts.of("attempts"));
    return counts;
  }
}
