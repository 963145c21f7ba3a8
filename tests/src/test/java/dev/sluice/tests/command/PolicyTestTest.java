package dev.sluice.tests.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `sluice policy test`.
final class PolicyTestTest {
  private static final String POLICY = "sluice: v1\nrules: [{name: r, on: dup, deny: EMFILE}]\n";

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private Run test(String... arguments) {
    var words = new String[arguments.length + 2];
    words[0] = "policy";
    words[1] = "test";
    System.arraycopy(arguments, 0, words, 2, arguments.length);
    return sandbox.sluice(words).run();
  }

  @Test
  void thePoliciesThatAreShippedPassTheirTests() {
    assertThat(test(Project.ROOT.resolve("policies").toString()).mustSucceed().out())
        .matches("[1-9]\\d+ tests, all passed\n");
  }

  @Test
  void aFailureIsOneLineWithItsPlace() {
    sandbox.file("p.yaml", POLICY);
    sandbox.file(
        "p.test.yaml",
        """
        tests:
        - {name: right, call: dup, expect: deny EMFILE}
        - {name: wrong, call: dup, expect: allow}
        """);

    Run run = test("p.yaml");

    assertThat(run.out())
        .isEqualTo(
            """
            p.test.yaml:3:3: failed: 'wrong': expected allow, got deny EMFILE by 'r' (p.yaml:2:9)
            2 tests, 1 failed
            """);
    assertThat(run.status()).isEqualTo(1);
    assertThat(test("p.test.yaml", "--format", "tap").out())
        .isEqualTo(
            """
            TAP version 14
            1..2
            ok 1 - right
            not ok 2 - wrong
            # p.test.yaml:3:3: expected allow, got deny EMFILE by 'r' (p.yaml:2:9)
            """);
  }

  @Test
  void whatIsWrongWithTestsOrPolicyIsSaid() {
    sandbox.file("a/p.yaml", POLICY.replace("dup", "dpu"));
    sandbox.file("a/p.test.yaml", "tests: [{call: dup, expect: allow}]");
    sandbox.file("a/q.yaml", POLICY);
    sandbox.file("a/q.test.yaml", "tests: [{call: dup, expect: deny}]");
    Path empty = sandbox.directory("empty");

    Run run = test("a");
    assertThat(run.err())
        .isEqualTo("a/p.yaml:2:23: error: unknown system call 'dpu'; did you mean 'dup'?\n");
    assertThat(run.out()).isEqualTo("1 test, all passed, 1 file of tests could not be used\n");
    assertThat(run.status()).isEqualTo(2);

    Run none = test(empty.toString());
    assertThat(none.err()).isEqualTo("sluice: there are no tests (*.test.yaml) in " + empty + "\n");
    assertThat(none.status()).isEqualTo(2);
    assertThat(test("none.yaml").err())
        .isEqualTo("none.test.yaml:1:1: error: there is no such file\n");
  }
}
