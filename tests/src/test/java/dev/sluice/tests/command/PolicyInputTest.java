package dev.sluice.tests.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is no policy: each command says so in one line, with status 2.
final class PolicyInputTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private void makeFiles() throws IOException {
    sandbox.file("empty.yaml", "");
    Files.write(sandbox.path("binary.yaml"), new byte[] {0x7f, 'E', 'L', 'F', 2, (byte) 0xff});
    sandbox.directory("directory");
    try (var endless = new RandomAccessFile(sandbox.path("huge.yaml").toFile(), "rw")) {
      endless.setLength(1L << 40);
    }
  }

  @Test
  void whatIsNoPolicyIsNamed() throws IOException {
    makeFiles();
    Run check =
        sandbox
            .sluice(
                "policy", "check", "none", "directory", "empty.yaml", "binary.yaml", "huge.yaml")
            .run();

    assertThat(check.err())
        .isEqualTo(
            """
            none:1:1: error: there is no such file
            directory:1:1: error: the file cannot be read: Is a directory
            empty.yaml:1:1: error: the file is empty; a policy begins with 'sluice: v1'
            binary.yaml:1:1: error: the file is not UTF-8
            huge.yaml:1:1: error: no more than 1048576 bytes can stand in a file
            """);
    assertThat(check.status()).isEqualTo(2);
  }

  @Test
  void whatCannotBeBroughtIntoFormIsNamed() throws IOException {
    makeFiles();
    Run fmt =
        sandbox
            .sluice("policy", "fmt", "none", "directory", "empty.yaml", "binary.yaml", "huge.yaml")
            .run();

    assertThat(fmt.err())
        .isEqualTo(
            """
            none:1:1: error: there is no such file
            directory:1:1: error: the file cannot be read: Is a directory
            empty.yaml:1:1: error: the file is empty; a policy begins with 'sluice: v1'
            binary.yaml:1:1: error: the file is not UTF-8
            huge.yaml:1:1: error: no more than 1048576 bytes can stand in a file
            """);
    assertThat(fmt.status()).isEqualTo(2);
  }

  @Test
  void whereNoTestCanRunNonePassed() {
    Run text = sandbox.sluice("policy", "test", "none.test.yaml").run();
    Run tap = sandbox.sluice("policy", "test", "none.test.yaml", "--format", "tap").run();

    assertThat(text.err()).isEqualTo("none.test.yaml:1:1: error: there is no such file\n");
    assertThat(text.out()).isEqualTo("0 tests, 1 file of tests could not be used\n");
    assertThat(text.status()).isEqualTo(2);
    assertThat(tap.out())
        .isEqualTo("TAP version 14\n1..0\nBail out! 1 file of tests could not be used\n");
    assertThat(tap.status()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"check", "test"})
  void aNameThatTheLocaleDoesNotHaveIsExplained(String command) {
    Run run = sandbox.sluice("policy", command, "é.yaml").environment("LC_ALL", "C").run();

    assertThat(run.err())
        .startsWith("sluice: invalid value for positional parameter at index 0..* (FILE")
        .endsWith(
            "': the locale has no such characters; one with UTF-8 is LC_ALL=C.UTF-8; see 'sluice"
                + " policy "
                + command
                + " --help'\n");
    assertThat(run.status()).isEqualTo(2);
  }

  @Test
  void plugInsThatCannotBeReadAreSaidToBeSo() {
    String policy = sandbox.policy("- {name: a, on: dup, deny: EPERM}").toString();

    Run file = sandbox.sluice("policy", "check", policy, "--plugins", policy).run();

    assertThat(file.err()).isEqualTo("sluice: plug-ins \"" + policy + "\": Not a directory\n");
    assertThat(file.status()).isEqualTo(2);
  }

  @Test
  @NeedsRoot
  void whatMayNotBeReadIsSaidToBeSo() throws IOException {
    Path policy = sandbox.policy("- {name: a, on: dup, deny: EPERM}");
    Path directory = sandbox.directory("closed");
    Files.setPosixFilePermissions(policy, PosixFilePermissions.fromString("---------"));
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("---------"));

    Run check =
        sandbox.sluice("policy", "check", policy.toString()).supervisedAs(User.ORDINARY).run();
    Run test =
        sandbox.sluice("policy", "test", directory.toString()).supervisedAs(User.ORDINARY).run();

    assertThat(check.err())
        .isEqualTo(policy + ":1:1: error: the file cannot be read: Permission denied\n");
    assertThat(test.err())
        .isEqualTo("sluice: \"" + directory + "\" cannot be read: Permission denied\n");
  }
}
