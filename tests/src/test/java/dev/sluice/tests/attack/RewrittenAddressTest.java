package dev.sluice.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever becomes of an address in memory while a call waits: data goes to the one that was
/// looked at. `tests/soak/run connect` does the same for longer.
final class RewrittenAddressTest {
  private static final int ENOUGH = 200;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @ParameterizedTest
  @ValueSource(strings = {"connect", "sendto", "sendmsg", "sendmmsg"})
  void nothingReachesADeniedAddress(String call) {
    Path policy =
        sandbox.policy(
            """
            - name: there
              on: "@connect"
              when: address.in("127.0.0.2")
              deny: EACCES
            """);
    var natively = Counts.ofFirstWithWins(() -> sandbox.program("connects", call, "1").run());
    var mediated = Counts.of(sandbox.program("connects", call, "2").under(policy).run());

    assertThat(natively.of("wins")).as("natively: %s", natively).isPositive();
    assertThat(natively.of("allowed")).as("natively: %s", natively).isPositive();
    assertThat(mediated.of("wins")).as("mediated: %s", mediated).isZero();
    assertThat(mediated.of("allowed")).as("mediated: %s", mediated).isPositive();
    assertThat(mediated.of("denied")).as("mediated: %s", mediated).isPositive();
    assertThat(mediated.of("attempts")).as("mediated: %s", mediated).isGreaterThan(ENOUGH);
  }
}
