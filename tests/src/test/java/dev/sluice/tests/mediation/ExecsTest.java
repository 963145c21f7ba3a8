package dev.sluice.tests.mediation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.Entry;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Nearly two hundred ways to execute something, natively and under a policy that looks at what is
/// executed: the same programs, with the same arguments, signals and descriptors, and the same
/// errors. The cases are in `src/test/c/execs`.
final class ExecsTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void executionsAreTheSameForTheUserWhoSupervises() {
    compare(command -> command, List.of());
  }

  @Test
  @NeedsRoot
  void executionsAreTheSameForAnotherUser() {
    compare(command -> command.as(User.ORDINARY), List.of());
  }

  @Test
  @NeedsRoot
  void executionsAreTheSameIfAnOrdinaryUserSupervises() {
    compare(command -> command.supervisedAs(User.ORDINARY), List.of());
  }

  @Test
  void executionsAreTheSameInNamespaces() {
    compare(
        command -> command,
        List.of("unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc"));
  }

  private void compare(UnaryOperator<Command> who, List<String> prefix) {
    sandbox.directory("native");
    sandbox.directory("mediated");
    Run natively = who.apply(execs("native", prefix)).run().mustSucceed();
    Run mediated =
        who.apply(execs("mediated", prefix)).under(sandbox.verifyEverything()).run().mustSucceed();

    assertThat(mediated.differencesFrom(natively)).isEmpty();
    assertThat(natively.lines()).hasSizeGreaterThan(350);
    assertThat(mediated.records().stream().filter(ExecsTest::isVerified).count())
        .as("they were looked at indeed")
        .isGreaterThan(200);
  }

  private static boolean isVerified(Entry record) {
    return record.text("syscall").startsWith("exec") && record.text("class").equals("VERIFIED");
  }

  private Command execs(String directory, List<String> prefix) {
    var words = new ArrayList<>(prefix);
    words.addAll(List.of(Project.program("execs"), directory));
    return sandbox.command(words.toArray(String[]::new));
  }
}
