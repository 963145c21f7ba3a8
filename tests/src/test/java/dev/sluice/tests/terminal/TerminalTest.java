package dev.sluice.tests.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Somebody works at a terminal: with a shell under `sluice run`, or with `sluice run` as a job of
/// a shell. The words of the scenes are in `src/test/terminal/prelude.exp`.
final class TerminalTest {
  private static final Path PRELUDE = Project.ROOT.resolve("tests/src/test/terminal/prelude.exp");

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @BeforeEach
  void needsExpect() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/expect")), "expect is not installed");
  }

  @Test
  void aShellPromptsAndEndsWithItsStatus() throws IOException {
    play(
        """
        terminal {*}$sluice {*}$shell
        see {ready> $}
        enter {echo the answer is $((6 * 7))}
        see {the answer is 42\\s+ready> $}
        enter {[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo all of it}
        see {all of it\\s+ready> $}
        enter {echo directly > /dev/tty}
        see {directly\\s+ready> $}
        enter {exit 3}
        ends_with 3
        """);
  }

  @Test
  void theEndOfInputEndsAShell() throws IOException {
    play(
        """
        terminal {*}$sluice {*}$shell
        see {ready> $}
        press ^D
        ends_with 0
        """);
  }

  @Test
  void controlCEndsTheForegroundCommandAndNothingElse() throws IOException {
    play(
        """
        terminal {*}$sluice {*}$shell
        see {ready> $}
        enter {sh -c 'echo running; exec sleep 1000'}
        see running
        press ^C
        see {ready> $}
        enter {echo status $?}
        see {status 130\\s+ready> $}
        press ^C
        see {ready> $}
        enter {exit 0}
        ends_with 0
        """);
  }

  @Test
  void controlCEndsACommandThatSluiceRunsAtOnce() throws IOException {
    play(
        """
        terminal {*}$sluice sh -c {echo running; exec sleep 1000}
        see running
        press ^C
        ends_with 130
        """);
  }

  @Test
  void aCommandMayHandleControlCItself() throws IOException {
    play(
        """
        terminal {*}$sluice sh -c {trap 'echo caught; kill $!; exit 5' INT; echo running; sleep 1000 & wait}
        see running
        press ^C
        see caught
        ends_with 5
        """);
  }

  @Test
  void aJobOfTheShellStopsAndGoesOn() throws IOException {
    play(
        """
        terminal {*}$sluice {*}$shell
        see {ready> $}
        enter {sh -c 'echo running; read word; echo it was $word'}
        see running
        press ^Z
        see {Stopped.*ready> $}
        enter jobs
        see {Stopped.*ready> $}
        enter fg
        enter plugh
        see {it was plugh\\s+ready> $}
        enter {exit 4}
        ends_with 4
        """);
  }

  @Test
  void aJobOfTheShellRunsInTheBackground() throws IOException {
    play(
        """
        terminal {*}$sluice {*}$shell
        see {ready> $}
        enter {cat &}
        see {ready> $}
        # it has read from the terminal
        enter {until jobs > list; grep Stopped list; do :; done}
        see {Stopped.*ready> $}
        enter {kill %1; fg; echo ended with $?}
        see {ended with 143\\s+ready> $}
        enter exit
        ends_with 0
        """);
  }

  @Test
  void sluiceIsAJobItself() throws IOException {
    play(
        """
        terminal bash --norc --noprofile --noediting -i
        see {ready> $}
        enter "$sluice sh -c 'echo running; read word; echo it was \\$word; exit 6'"
        see running
        press ^Z
        see {Stopped.*ready> $}
        enter {bg; until jobs | grep Stopped; do :; done}
        see {ready> $}
        enter fg
        enter plugh
        see {it was plugh\\s+ready> $}
        enter {echo status $?}
        see {status 6\\s+ready> $}
        enter "$sluice sh -c 'echo running; exec sleep 1000'"
        see running
        press ^Z
        see {Stopped.*ready> $}
        enter {kill %1; fg; echo status $?}
        see {status 143\\s+ready> $}
        enter exit
        ends_with 0
        """);
  }

  @Test
  void sluiceIsAJobThatMayBeStoppedWhileItStarts() throws IOException {
    play(
        """
        terminal bash --norc --noprofile --noediting -i
        see {ready> $}
        enter "$sluice sh -c 'echo running; exit 6'"
        exec sh -c "until pgrep -f '\\[s]luice-run.*[lindex $sluice 3]'; do :; done"
        press ^Z
        see {Stopped.*ready> $}
        enter fg
        see {running\\s+ready> $}
        enter {echo status $?}
        see {status 6\\s+ready> $}
        enter exit
        ends_with 0
        """);
  }

  /// As in a terminal of its own, where there is no shell that could continue it.
  @Test
  void controlZDoesNothingWhereNobodyCouldContinue() throws IOException {
    play(
        """
        terminal {*}$sluice sh -c {echo running; read word; echo it was $word}
        see running
        press ^Z
        enter plugh
        see {it was plugh}
        ends_with 0
        """);
  }

  @Test
  void theSizeOfTheWindowIsTheCommands() throws IOException {
    play(
        """
        terminal {*}$sluice sh -c {
          trap 'stty size; kill $!; exit 0' WINCH
          stty size; echo running; sleep 1000 & wait
        }
        see {24 80\\s+running}
        resize 44
        see {44 80}
        ends_with 0
        """);
  }

  @Test
  void theEndOfTheTerminalIsTheEndOfTheCommand() throws IOException {
    play(
        """
        terminal {*}$sluice sh -c {trap 'echo hung up > said; kill $!; exit' HUP; echo running; sleep 1000 & wait}
        see running
        close
        wait
        """);
    assertThat(sandbox.path("said")).hasContent("hung up");
  }

  /// Python waits until there is something to read, and reads nothing.
  private static final String OPENING =
      """
      import os, select, sys, termios, tty
      if sys.argv[1] == "raw":
          tty.setraw(0, termios.TCSANOW)
      before = termios.tcgetattr(0)
      os.write(1, b"running")
      select.select([0], [], [])
      try:
          os.open("asked", os.O_RDONLY)
          print("opened")
      except PermissionError:
          print("refused")
      sys.exit(termios.tcgetattr(0) != before)
      """;

  /// An answer to a question is given by whoever has seen it.
  @Test
  void whatWasTypedBeforeAQuestionIsNoAnswerToIt() throws IOException {
    playAsking(
        """
        terminal {*}$sluice python3 -B opening.py lines
        see running
        enter y
        see {open.*asked.*\\[y/N\\] $}
        enter n
        see refused
        ends_with 0
        """);
  }

  /// As editors set it: a key is read as it is pressed.
  @Test
  void aTerminalThatHasNoLinesHasThemForTheAnswer() throws IOException {
    playAsking(
        """
        terminal {*}$sluice python3 -B opening.py raw
        see running
        enter y
        see {open.*asked.*\\[y/N\\] $}
        send -- nx\\x7f\\x7fy\\r
        see opened
        ends_with 0
        """);
  }

  /// Which is no answer.
  @Test
  void controlCIsForTheCommandWhileAQuestionStands() throws IOException {
    playAsking(
        """
        terminal {*}$sluice sh -c {trap 'exit 7' INT; echo running; cat asked; sleep 100}
        see {open.*asked.*\\[y/N\\] $}
        send -- \\x03
        ends_with 7
        """);
  }

  @Test
  void theQuestionOfACallThatEndsGoesAway() throws IOException {
    playAsking(
        """
        exec mkfifo asking
        terminal {*}$sluice sh -c {cat asked & read word < asking; kill -KILL $!; wait; echo killed; cat asked}
        see {open.*asked.*\\[y/N\\] $}
        exec sh -c {echo now > asking}
        see {the call has ended}
        see {open.*asked.*\\[y/N\\] $}
        enter y
        ends_with 0
        """);
  }

  private void playAsking(String scene) throws IOException {
    sandbox.file("opening.py", OPENING);
    Path asked = sandbox.file("asked", "");
    Path policy =
        sandbox.policy(
            "- {on: '@open', when: path == '%s', ask: {timeout: 100s, otherwise: EACCES}}"
                .formatted(asked));
    play(scene, policy.toString());
  }

  private void play(String scene) throws IOException {
    play(scene, sandbox.lookAtEverything().toString());
  }

  private void play(String scene, String policy) throws IOException {
    String names =
        """
        set sluice {%s run --policy %s --}
        set shell {env {PS1=ready> } sh -i}
        """
            .formatted(Project.ROOT.resolve("sluice"), policy);
    Path script = sandbox.file("scene.exp", Files.readString(PRELUDE) + names + scene);

    Run run =
        sandbox
            .command("expect", script.toString())
            .environment("PS1", "ready> ")
            .environment("TERM", "dumb")
            .run();

    assertThat(run.status()).as(run.toString()).isZero();
    sandbox.awaitNoProcess();
  }
}
