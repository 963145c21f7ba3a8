package dev.sluice.tests.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The exit status of `sluice run`.
final class StatusTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @ParameterizedTest
  @CsvSource({"exit 0, 0", "exit 7, 7", "exit 255, 255", "kill -TERM $$, 143", "kill -9 $$, 137"})
  void theStatusIsThatOfTheCommand(String script, int status) {
    Run run = sandbox.shell(script).under(sandbox.lookAtEverything()).run();

    assertThat(run.status()).isEqualTo(status);
    assertThat(run.out() + run.err()).isEmpty();
  }

  @Test
  void aPolicyThatTheKernelEnforcesAloneReportsTheSame() {
    var policy = sandbox.policy("- {on: getppid, deny: ENOSYS}");

    assertThat(sandbox.shell("exit 7").under(policy).run().status()).isEqualTo(7);
    assertThat(sandbox.shell("kill -TERM $$").under(policy).run().status()).isEqualTo(143);
    Run missing = sandbox.command("no-such-command").under(policy).run();
    assertThat(missing.status()).isEqualTo(127);
    assertThat(missing.err())
        .isEqualTo("sluice: execve \"no-such-command\": ENOENT (No such file or directory)\n");
  }

  @ParameterizedTest
  @CsvSource({
    "no-such-command, 127, ENOENT (No such file or directory)",
    "./no/such/file, 127, ENOENT (No such file or directory)",
    "./text/below, 126, ENOTDIR (Not a directory)",
    "./bad-interpreter, 127, ENOENT (No such file or directory)",
    "'', 127, ENOENT (No such file or directory)",
    "./text, 126, EACCES (Permission denied)",
    "., 126, EACCES (Permission denied)",
    "/dev/null, 126, EACCES (Permission denied)",
  })
  void aCommandThatCannotBeExecutedGivesWhatEnvGives(String command, int status, String error) {
    sandbox.file("text", "not a program\n");
    sandbox.executable("bad-interpreter", "#!/no/such/interpreter\n");

    Run run = sandbox.command(command).under(sandbox.lookAtEverything()).run();

    assertThat(run.status()).isEqualTo(status);
    assertThat(run.err()).isEqualTo("sluice: execve \"%s\": %s%n".formatted(command, error));
    assertThat(sandbox.command("env", command).run().status()).isEqualTo(status);
  }

  @Test
  void aScriptWithoutAnInterpreterIsForTheShell() {
    sandbox.executable("script", "echo \"$0 with $1\"\n");

    Run run = sandbox.command("./script", "an argument").under(sandbox.lookAtEverything()).run();

    assertThat(run.mustSucceed().out()).isEqualTo("./script with an argument\n");
  }

  @Test
  void aCommandIsLookedForInThePath() {
    sandbox.directory("first");
    sandbox.directory("second");
    sandbox.file("first/tool", "not executable");
    sandbox.executable("second/tool", "#!/bin/sh\necho second\n");
    String path =
        sandbox.path("first") + ":" + sandbox.path("second") + ":" + System.getenv("PATH");

    Run run =
        sandbox.command("tool").environment("PATH", path).under(sandbox.lookAtEverything()).run();

    assertThat(run.mustSucceed().out()).isEqualTo("second\n");
  }

  @Test
  @NeedsRoot
  void aCommandThatTheUserMayNotExecuteIsNotExecutable() throws IOException {
    sandbox.executable("roots", "#!/bin/sh\n");
    Files.setPosixFilePermissions(
        sandbox.path("roots"), PosixFilePermissions.fromString("rwx------"));

    Run run =
        sandbox
            .command("./roots")
            .supervisedAs(User.ORDINARY)
            .under(sandbox.lookAtEverything())
            .run();

    assertThat(run.status()).isEqualTo(126);
    assertThat(run.err()).isEqualTo("sluice: execve \"./roots\": EACCES (Permission denied)\n");
  }

  /// C82, as is a target's own listener in `EscapesTest`.
  @Test
  void sluiceUnderSluiceSaysThatThereCanBeOnlyOne() {
    var policy = sandbox.lookAtEverything();

    Run run =
        sandbox
            .sluice("run", "--policy", policy.toString(), "--", "touch", "made")
            .under(policy)
            .run();

    assertThat(run.status()).isEqualTo(125);
    assertThat(run.err())
        .isEqualTo(
            "sluice: we run under another seccomp listener already, and the kernel allows one"
                + " (EBUSY); run sluice outside of it\n");
    assertThat(sandbox.path("made")).doesNotExist();
  }
}
