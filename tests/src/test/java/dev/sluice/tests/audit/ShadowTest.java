package dev.sluice.tests.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `sluice run --shadow`: a policy that is tried out, and enforced by nobody.
final class ShadowTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private final String opens = "- { name: opens, on: \"@open\", allow: , audit: exact }";

  private String denying() {
    return """
    - name: not-that
      on: "@open"
      when: path.under("%s/file")
      deny: EACCES
    """
        .formatted(sandbox.directory());
  }

  @Test
  void itIsRecordedWhatItWouldHaveDoneAndNothingElseHappens() {
    Path enforced = sandbox.policy(opens);
    Path tried = sandbox.policy(denying());
    sandbox.file("file", "text");
    Run run =
        sandbox
            .command("cat", "file")
            .under(enforced)
            .option("--shadow", tried.toString())
            .run()
            .mustSucceed();
    assertThat(run.out()).isEqualTo("text");
    sandbox.awaitNoProcess();
    String log = run.audit().orElseThrow().toString();
    assertThat(sandbox.sluice("log", "--shadow", log).run().mustSucceed().lines())
        .singleElement()
        .asString()
        .endsWith("= 3  allow by 'opens'  (test: deny EACCES by 'not-that')");
    assertThat(sandbox.sluice("log", "summary", log).run().mustSucceed().out())
        .contains("1  openat test: deny EACCES by 'not-that'");
    assertThat(sandbox.sluice("log", "verify", log).run().status()).isZero();
  }

  @Test
  void whatItCannotSeeIsSaid() {
    sandbox.file("file", "text");
    Run run =
        sandbox
            .command("cat", "file")
            .under(sandbox.policy(opens))
            .option(
                "--shadow", sandbox.policy("- { name: pids, on: getpid, deny: EPERM }").toString())
            .run();
    assertThat(run.out()).isEqualTo("text");
    assertThat(run.err())
        .isEqualTo(
            "sluice: --shadow: the kernel decides some calls alone, and what the other policy would"
                + " do with them is not seen; name them under 'dynamic': getpid\n");
  }
}
