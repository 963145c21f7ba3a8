package dev.sluice.tests.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `sluice run` without a terminal, as a script or a service starts it: who signals it means the
/// command.
final class SignalsTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "HUP", "INT", "QUIT", "USR1", "USR2", "WINCH", "ALRM"})
  void aSignalIsPassedOn(String signal) {
    Running running =
        sandbox
            .shell(
                """
                trap 'echo caught; kill -9 $!; exit 9' %s
                sleep 1000 &
                echo waiting
                wait
                """
                    .formatted(signal))
            .under(sandbox.lookAtEverything())
            .start()
            .awaitOutput("waiting\n");

    running.signal(signal);
    Run run = running.finish();

    assertThat(run.out()).isEqualTo("waiting\ncaught\n");
    assertThat(run.status()).isEqualTo(9);
    assertThat(run.err()).isEmpty();
    sandbox.awaitNoProcess();
  }

  /// What comes while the supervisor starts is for the command, whoever that is to be.
  @ParameterizedTest
  @CsvSource({"one-program, TERM, 143", "one-program, INT, 130", "protect-secrets, TERM, 143"})
  void aSignalThatComesBeforeTheCommandEndsItToo(String policy, String signal, int status)
      throws Exception {
    Running running = startAndHold(sandbox.command("tee", "effect").under(Project.policy(policy)));

    running.signal(signal);
    // while the supervisor is held, the signal is passed on
    running.await(
        "the end of who is to become the command", () -> launcher(running.pid()).isEmpty());
    Running.signal("CONT", running.supervisorPid());

    assertThat(running.awaitStatus()).isEqualTo(status);
    sandbox.awaitNoProcess();
    assertThat(sandbox.path("effect")).doesNotExist();
  }

  /// Stops the supervisor before the command begins. Where it was faster, another is started.
  private Running startAndHold(Command command) throws Exception {
    Path effect = sandbox.path("effect");
    for (int attempt = 0; attempt < 10; attempt++) {
      Running running = command.start();
      running.await(
          "who is to become the command",
          () -> launcher(running.pid()).isPresent() || Files.exists(effect));
      for (ProcessHandle child : children(running.pid()).toList()) {
        sandbox.command("kill", "-STOP", "" + child.pid()).run();
        running.await("the supervisor being stopped", () -> "TZX".indexOf(state(child.pid())) >= 0);
      }
      if (launcher(running.pid()).filter(SignalsTest::hasOneThread).isPresent()) {
        return running;
      }
      running.close();
      Files.deleteIfExists(effect);
    }
    throw new AssertionError("the command always begins before its supervisor is stopped");
  }

  /// As some leave it behind who start it, and it is the command's then.
  @ParameterizedTest
  @ValueSource(strings = {"one-program", "protect-secrets"})
  void sigchldMayBeIgnored(String policy) {
    Run run =
        sandbox
            .command(
                "env",
                "--ignore-signal=CHLD",
                Project.SCRIPT.toString(),
                "run",
                "--policy",
                Project.policy(policy).toString(),
                "grep",
                "SigIgn",
                "/proc/self/status")
            .run();

    // the bit of signal 17
    assertThat(run.mustSucceed().out())
        .matches("SigIgn:\\s+\\p{XDigit}{11}[13579bdf]\\p{XDigit}{4}\n");
  }

  @ParameterizedTest
  @CsvSource({"TERM, 143", "HUP, 129", "INT, 130", "USR1, 138", "KILL, 137"})
  void aSignalThatEndsTheCommandIsInTheStatus(String signal, int status) {
    Running running =
        sandbox
            .shell("echo waiting $$; exec sleep 1000")
            .under(sandbox.lookAtEverything())
            .start()
            .awaitOutput("\n");

    Running.signal(signal, Long.parseLong(running.out().strip().split(" ", -1)[1]));

    assertThat(running.finish().status()).isEqualTo(status);
    sandbox.awaitNoProcess();
  }

  /// Whoever suspends a service means what runs in it.
  @Test
  void aCommandThatStopsItselfStopsSluiceUntilBothAreContinued() {
    Running running =
        sandbox
            .shell("echo waiting; kill -STOP $$; echo going on")
            .under(sandbox.lookAtEverything())
            .start();
    running.await("sluice being stopped", () -> state(running.pid()) == 'T');
    assertThat(running.awaitOutput("waiting\n").out()).isEqualTo("waiting\n");

    running.signal("CONT");

    assertThat(running.finish().mustSucceed().out()).isEqualTo("waiting\ngoing on\n");
  }

  @Test
  void aCommandThatSomebodyElseContinuesIsNotLeftAlone() {
    String script =
        """
        { until grep -q '^State:.T' /proc/$$/status; do :; done; kill -CONT $$; } &
        kill -STOP $$
        wait
        echo going on
        """;

    Run run = sandbox.shell(script).under(sandbox.lookAtEverything()).run();

    assertThat(run.mustSucceed().out()).isEqualTo("going on\n");
  }

  /// It stays when another program is executed.
  @Test
  void anAlarmThatWasSetBeforeIsTheCommands() {
    sandbox.file(
        "alarm.py",
        "import os, signal, sys\nsignal.alarm(3)\nos.execvp(sys.argv[1], sys.argv[1:])\n");

    Run run =
        sandbox
            .command(
                "python3",
                "alarm.py",
                Project.SCRIPT.toString(),
                "run",
                "--policy",
                sandbox.lookAtEverything().toString(),
                "--",
                "sleep",
                "1000")
            .run();

    assertThat(run.status()).isEqualTo(128 + 14);
  }

  /// It is another process.
  @Test
  void theCommandOutlivesTheEndOfSluiceRun() {
    Running running =
        sandbox
            .shell("echo waiting; read word; echo it was $word")
            .under(sandbox.lookAtEverything())
            .start()
            .awaitOutput("waiting\n");

    running.signal("KILL");
    running.await("its end", () -> !running.isAlive());
    running.type("plugh\n");

    running.awaitOutput("it was plugh\n");
    sandbox.awaitNoProcess();
  }

  /// Of the supervisor and of what starts the command, too.
  @ParameterizedTest
  @ValueSource(strings = {"one-program", "protect-secrets"})
  void theLimitsAreTheCommands(String policy) {
    Run run =
        sandbox
            .shell(
                "ulimit -s 1000000000; exec %s run --policy %s -- sh -c 'ulimit -s'"
                    .formatted(Project.SCRIPT, Project.policy(policy)))
            .run();

    assertThat(run.mustSucceed().out()).isEqualTo("1000000000\n");
  }

  @Test
  void aSupervisorThatCannotStartForWantOfDescriptorsIsNotTheCommandsStatus() {
    Run run =
        sandbox
            .shell(
                "ulimit -n 9; exec %s run --policy %s -- true"
                    .formatted(Project.SCRIPT, Project.policy("protect-secrets")))
            .run();

    assertThat(run.status()).isEqualTo(125);
  }

  /// Descriptors may be anything, or closed, and are the command's.
  @Test
  void standardInputAndOutputNeedNotBeATerminal() {
    sandbox.file("in", "from a file\n");
    String script =
        """
        $prefix cat < in > out 2> err; cat out err
        echo piped | $prefix cat | tr a-z A-Z
        $prefix sh -c 'read nothing; echo status $?' <&-
        $prefix sh -c 'echo nobody reads this' >&-; echo status $?
        $prefix sh -c 'nobody-reads-this' 2>&-; echo status $?
        $prefix cat /proc/self/fd/7 7< in
        $prefix ls /proc/self/fd 8< in
        """;
    String sluice =
        Project.ROOT.resolve("sluice") + " run --policy " + sandbox.lookAtEverything() + " --";

    Run natively = sandbox.shell(script).run();
    Run supervised = sandbox.shell(script).environment("prefix", sluice).run();

    assertThat(natively.lines()).hasSize(11);
    assertThat(supervised.out()).isEqualTo(natively.out());
    assertThat(supervised.err()).isEqualTo(natively.err());
  }

  /// Who is to become the command is a child of the supervisor, which tells `sluice-run` of it
  /// before it executes Java.
  private static Optional<ProcessHandle> launcher(long pid) {
    return children(pid)
        .filter(supervisor -> !isSluiceRun(supervisor))
        .flatMap(ProcessHandle::children)
        .filter(SignalsTest::isSluiceRun)
        .findFirst();
  }

  private static Stream<ProcessHandle> children(long pid) {
    return ProcessHandle.of(pid).stream().flatMap(ProcessHandle::children);
  }

  private static boolean isSluiceRun(ProcessHandle process) {
    return process.info().command().orElse("").endsWith("/sluice-run");
  }

  /// A launcher starts a second one once it knows what to execute, and may then do so at any time.
  private static boolean hasOneThread(ProcessHandle launcher) {
    String[] threads = Path.of("/proc/" + launcher.pid() + "/task").toFile().list();
    return threads != null && threads.length == 1;
  }

  /// As in proc_pid_stat(5); X if it is gone.
  private static char state(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2);
    } catch (IOException e) {
      return 'X';
    }
  }
}
