package dev.sluice.tests.mediation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Rules that decide which programs are executed, and where a process goes.
final class VerifiedTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private Path program(String name, String content, String permissions) throws IOException {
    return Files.setPosixFilePermissions(
        sandbox.executable(name, content), PosixFilePermissions.fromString(permissions));
  }

  /// By another process, too.
  private Path copy(String program, String name) {
    sandbox.command("cp", program, name).run().mustSucceed();
    return sandbox.path(name);
  }

  private Path only(String condition) {
    return sandbox.policy(
        """
        - name: programs
          on: "@exec"
          when: '!(%s)'
          deny: EACCES
        """
            .formatted(condition));
  }

  @Test
  void aProgramIsAllowedOrDeniedByWhereItLies() throws IOException {
    Files.createSymbolicLink(sandbox.path("link"), Path.of("/usr/bin/id"));
    Run run =
        sandbox
            .shell("/usr/bin/true && ./link; echo $?; cd /usr/bin && ./id; echo $?")
            .under(only("path in [\"/usr/bin/true\", \"/usr/bin/dash\"]"))
            .run();

    assertThat(run.lines()).containsExactly("126", "126");
    assertThat(run.recordsOf("programs"))
        .allMatch(record ->
            record
                .texts("action", "outcome", "errno", "class", "path")
                .equals("deny refused EACCES VERIFIED /usr/bin/id"))
        .isNotEmpty();
    assertThat(run.recordsOf("default"))
        .anyMatch(record ->
            record.texts("outcome", "class", "path").equals("observed VERIFIED /usr/bin/true"));
  }

  /// The kernel executes it, whoever asked for a script.
  @Test
  void theInterpreterOfAScriptIsDecidedToo() throws IOException {
    program("script", "#!/usr/bin/env true\n", "rwxr-xr-x");
    Path policy =
        sandbox.policy(
            "- {name: no-env, on: '@exec', when: 'path == \"/usr/bin/env\"', deny: EPERM}");
    Run run = sandbox.shell("./script; echo $?").under(policy).run();

    assertThat(run.lines()).containsExactly("126");
    assertThat(run.recordsOf("no-env"))
        .singleElement()
        .satisfies(record -> {
          assertThat(record.texts("outcome", "errno")).isEqualTo("refused EPERM");
          assertThat(record.text("path")).isEqualTo(sandbox.path("script").toString());
          assertThat(record.text("path2")).isEqualTo("/usr/bin/env");
        });
  }

  @Test
  void theRecordOfAScriptNamesTheInterpreterThatWasExecuted() throws IOException {
    Path script = program("script", "#!/bin/sh\necho done\n", "rwxr-xr-x");
    Run run = sandbox.shell("./script; true").under(sandbox.verifyEverything()).run();

    assertThat(run.mustSucceed().out()).isEqualTo("done\n");
    assertThat(run.recordsOf("default"))
        .anyMatch(record -> record.texts("path", "path2").equals(script + " /usr/bin/dash"));
  }

  /// The kernel marks its path, which is the same nevertheless.
  @Test
  void aProgramThatHasLostItsNameIsTheOneThatWasDecidedOn() {
    Path gone = copy("/usr/bin/true", "gone");
    Run run =
        sandbox
            .shell("exec 3< gone; rm gone; /proc/self/fd/3")
            .under(sandbox.verifyEverything())
            .run();

    assertThat(run.mustSucceed().recordsOf("default"))
        .filteredOn(record -> record.text("path").equals(gone.toString()))
        .singleElement()
        .satisfies(record -> assertThat(record.has("path2")).as("another program").isFalse());
  }

  /// A process has one tracer.
  @Test
  void whatAnotherTracesIsNotExecuted() {
    var traced = sandbox.command("strace", "-f", "-o", "trace", "true");
    Run run = traced.under(sandbox.verifyEverything()).run();

    assertThat(run.status()).isNotZero();
    assertThat(run.err())
        .contains("cannot be watched: ptrace: EPERM (does another trace it?)")
        .contains("Operation not permitted");
  }

  @Test
  void whatAnotherTracesIsExecutedIfTheRuleAcceptsARace() throws IOException {
    Path policy =
        sandbox.policy(
            """
            - name: racy
              on: "@exec"
              when: path == "/usr/bin/id"
              deny: EACCES
              unsafe: continue
            """);
    Run run =
        sandbox
            .shell("strace -f -o trace sh -c 'true; /usr/bin/id'; echo $?; env true; echo $?")
            .under(policy)
            .run();

    assertThat(run.lines()).containsExactly("126", "0");
    assertThat(Files.readString(sandbox.path("trace"))).contains("EACCES", "exited with 126");
    assertThat(run.recordsOf("default"))
        .as("traced by strace, and not")
        .anyMatch(record -> record.texts("path", "class").equals("/usr/bin/dash RACY"))
        .anyMatch(record -> record.texts("path", "class").equals("/usr/bin/true VERIFIED"));
  }

  /// A process shows nobody but root a program that its user must not read.
  @Test
  @NeedsRoot
  void whatAnOrdinarySupervisorCannotSeeIsNotExecuted() throws IOException {
    copy("/usr/bin/true", "secret");
    Files.setPosixFilePermissions(
        sandbox.path("secret"), PosixFilePermissions.fromString("rwx--x--x"));
    var command = sandbox.shell("./secret; echo $?");

    assertThat(command.supervisedAs(User.ORDINARY).run().out()).isEqualTo("0\n");
    assertThat(command.under(sandbox.verifyEverything()).run().out()).isEqualTo("126\n");
    assertThat(
            sandbox
                .shell("./secret; echo $?")
                .as(User.ORDINARY)
                .under(sandbox.verifyEverything())
                .run()
                .out())
        .as("root can")
        .isEqualTo("0\n");
  }

  @Test
  @NeedsRoot
  void aSetuidProgramGainsItsPrivilegesIfItMay() throws IOException {
    Path id = copy("/usr/bin/id", "id");
    Files.setAttribute(id, "unix:mode", 0104755);
    var command = sandbox.shell("./id -u; true").as(User.ORDINARY);

    assertThat(command.run().out()).isEqualTo("0\n");
    assertThat(command.under(sandbox.verifyEverything()).run().out()).isEqualTo("4242\n");
    assertThat(command.option("--allow-new-privileges").run().out()).isEqualTo("0\n");
  }

  /// Nor does one of another user's where neither the supervisor may trace it nor its caller become
  /// somebody else.
  @Test
  @NeedsRoot
  void aSetuidProgramGainsNothingWhereTheSupervisorMayNotTraceIt() throws IOException {
    Path id = copy("/usr/bin/id", "id");
    Files.setAttribute(id, "unix:uid", User.ANOTHER.uid());
    Files.setAttribute(id, "unix:mode", 0104755);
    String less = "-sys_ptrace,-setuid,-setgid";
    String without = "setpriv --bounding-set " + less + " --inh-caps " + less + " ";
    String command = "sh -c './id -u; true'";
    String sluice =
        Project.SCRIPT
            + " run --allow-new-privileges --policy "
            + sandbox.verifyEverything()
            + " -- ";

    assertThat(sandbox.shell(without + command).run().mustSucceed().out())
        .isEqualTo(User.ANOTHER.uid() + "\n");
    assertThat(sandbox.shell(without + sluice + command).run().mustSucceed().out())
        .isEqualTo("0\n");
  }

  @Test
  void aCommandMayBeTheOnlyProgramThereIs() throws IOException {
    program("text", "echo a text; ./other; echo $?\n", "rwxr-xr-x");
    program("other", "#!/bin/sh\n", "rwxr-xr-x");
    Path policy = sandbox.policy("- {name: one, on: '@exec', deny: EACCES}");

    assertThat(sandbox.shell("echo first; (echo forked); /usr/bin/true").under(policy).run())
        .satisfies(run -> {
          assertThat(run.lines()).containsExactly("first", "forked");
          assertThat(run.status()).isEqualTo(126);
        });
    assertThat(sandbox.command(sandbox.path("text").toString()).under(policy).run().lines())
        .as("the shell that a text needs is of the same program")
        .containsExactly("a text", "126");
  }

  @Test
  void whereAProcessGoesIsOnRecord() {
    Path policy =
        sandbox.policy("- {name: there, on: '@chdir', when: 'path.under(\"/etc\")', allow: }");
    Run run = sandbox.shell("cd /etc && cd / && cd /nowhere; pwd").under(policy).run();

    assertThat(run.out()).isEqualTo("/\n");
    assertThat(run.recordsOf("there"))
        .singleElement()
        .satisfies(record ->
            assertThat(record.texts("syscall", "path", "outcome", "class"))
                .isEqualTo("chdir /etc observed FLOORED"));
  }
}
