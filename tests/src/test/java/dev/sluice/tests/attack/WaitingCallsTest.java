package dev.sluice.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.HangingFiles;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Calls that wait for somebody who never comes: the server of a file system, or the other end of a
/// FIFO. No other call waits for them, and when their callers end nothing is left.
final class WaitingCallsTest {
  /// More than are kept for calls to come.
  private static final int MANY = 30;

  private static final int ROUNDS = 6;

  /// In so many rounds more than can wait at once.
  private static final int VERY_MANY = 100;

  /// Workers that are kept for calls to come.
  private static final int IDLE = 8;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @BeforeEach
  void makeFile() {
    sandbox.file("text", "a text\n");
  }

  @ParameterizedTest
  @NeedsRoot
  @CsvSource({
    "open, hung/dir-ROUND/lookup-%d",
    "open, hung/dir/open-%d",
    "open, hung/dir/link-%d/x",
    "create, hung/dir-ROUND-%d/new-x",
    "stat, hung/dir/stat-%d",
    "mkdir, hung/dir-ROUND-%d/new-x",
  })
  void aServerThatNeverAnswersHoldsUpWhatItWasAsked(String call, String paths) {
    try (var hung = HangingFiles.at(sandbox, "hung");
        var shell = supervisedShell()) {
      for (int round = 1; round <= 2; round++) {
        wait(shell, call, paths.replace("ROUND", "" + round), MANY);
        hung.await(round * MANY);
        assertThat(shell.workers()).hasSizeGreaterThanOrEqualTo(MANY);
        answersOthers(shell);
        killWaiting(shell);
        // nobody can kill what the server has taken, but it is nobody's burden
        shell.await("files closed", () -> !shell.supervisorHoldsBelow(sandbox.path("hung")));
      }
      hung.kill();
      shell.await("workers gone", () -> shell.workers().size() <= IDLE);
      answersOthers(shell);
    }
  }

  @Test
  @NeedsRoot
  void aServerThatHasStoppedCostsNothingForGood() {
    try (var hung = HangingFiles.at(sandbox, "hung");
        var shell = supervisedShell()) {
      // only when it has ended are its files closed, which the server is asked for, too
      command(shell, waits("open", "hung/dir/file-%d", VERY_MANY) + "; echo ended", "ended\n");
      hung.stop();
      int threads = 0;
      int descriptors = 0;
      for (int round = 0; round < ROUNDS; round++) {
        wait(shell, "open", "hung/dir/file-%d", VERY_MANY);
        shell.await("all to wait", () -> shell.workers().size() >= VERY_MANY);
        // what the kernel knows of them, nobody needs to be asked for
        command(shell, waits("stat", "hung/dir/file-%d", VERY_MANY), "succeeded=" + VERY_MANY);
        answersOthers(shell);
        killWaiting(shell);
        shell.await("workers gone", () -> shell.workers().size() <= IDLE);
        if (round == 1) {
          threads = shell.threads();
          descriptors = shell.descriptors();
        }
      }
      assertThat(shell.threads()).isLessThan(threads + VERY_MANY);
      assertThat(shell.descriptors())
          .as("but for two of each thread that has made a call")
          .isLessThan(descriptors + 4 * 2 * (2 * VERY_MANY + 20));
    }
  }

  /// The path itself lies in a file whose content never comes.
  @Test
  @NeedsRoot
  void aPathThatCannotBeReadHoldsUpNobodyElse() {
    try (var hung = HangingFiles.at(sandbox, "hung");
        var shell = supervisedShell()) {
      shell.type("setpriv --reuid 65534 --regid 65534 --clear-groups ");
      wait(shell, "named-in", "hung/dir/read-%d", MANY);
      hung.await(MANY);
      answersOthers(shell);
      hung.kill();
      shell.type("wait\n");
      // said by what runs in the background: perhaps before the shell reads this line
      shell.awaitOutput("succeeded=0 EFAULT=" + MANY);
      answersOthers(shell);
    }
  }

  /// overlay copies what is opened to be written, from where nobody answers.
  @Test
  @NeedsRoot
  void whatIsCopiedToBeWrittenHoldsUpNobodyElse() {
    sandbox.directory("disk");
    sandbox.directory("merged");
    String script =
        """
        mount -t tmpfs none disk && mkdir disk/upper disk/work || exit
        mount -t overlay -o lowerdir=hung,upperdir=disk/upper,workdir=disk/work none merged || exit
        exec "$0" run --policy "$1" -- sh
        """;
    try (var hung = HangingFiles.below(sandbox, "hung");
        var shell =
            sandbox
                .command(
                    "unshare",
                    "--mount",
                    "sh",
                    "-c",
                    script,
                    Project.SCRIPT.toString(),
                    sandbox.lookAtEverything().toString())
                .start()) {
      shell.type("(: >>merged/read-x) & cat text\n");
      hung.await(1);
      shell.type("cat text; echo it went on\n");
      shell.awaitOutput("it went on");
      hung.kill();
    }
  }

  /// What is to be closed on exec is closed while nobody may look at the memory of whoever
  /// executes.
  @Test
  @NeedsRoot
  void whatIsOpenedWithMemoryHoldsUpNobodyElse() {
    String program =
        """
        import os
        os.open("hung/flush-x", os.O_RDONLY)
        print(os.getpid(), flush=True)
        os.execv("/bin/true", ["true"])
        """;
    try (var hung = HangingFiles.at(sandbox, "hung");
        var executing = sandbox.command("python3", "-c", program).start();
        var shell = sandbox.command("sh").under(sandbox.lookAtEverything()).start()) {
      executing.awaitOutput("\n");
      hung.await(1);
      for (String file : List.of("maps", "environ", "auxv", "pagemap", "attr/current")) {
        shell.type("(: < /proc/" + executing.out().strip() + "/" + file + ") &\n");
        shell.type("sleep 0.2; cat text; echo beside " + file + "\n");
        shell.awaitOutput("beside " + file);
      }
      hung.kill();
    }
  }

  /// The kernel looks once, and asks for it to be made once.
  @Test
  @NeedsRoot
  void whatIsThereAndIsNotIsDecidedOnInTheEnd() {
    try (var hung = HangingFiles.at(sandbox, "hung")) {
      Run natively = sandbox.shell(": >>hung/there-x").run();
      Run mediated = sandbox.shell(": >>hung/there-x").under(sandbox.lookAtEverything()).run();

      assertThat(natively.err()).contains("File exists");
      assertThat(mediated.err()).isEqualTo(natively.err());
      hung.kill();
    }
  }

  /// They are answered, with what the kernel says.
  @ParameterizedTest
  @NeedsRoot
  @CsvSource({
    "open, dir/lookup-%d",
    "open, dir/open-%d",
    "stat, dir/stat-%d",
    "mkdir, dir%d/new-x",
  })
  void aServerThatIsKilledAnswersItsCallers(String call, String paths) {
    List<String> natively;
    try (var hung = HangingFiles.at(sandbox, "native");
        var shell = sandbox.command("sh").start()) {
      natively = killServer(hung, shell, call, "native/" + paths);
    }
    try (var hung = HangingFiles.at(sandbox, "mediated");
        var shell = supervisedShell()) {
      assertThat(killServer(hung, shell, call, "mediated/" + paths)).isEqualTo(natively);
    }
    assertThat(natively)
        .containsExactly("succeeded=0 ECONNABORTED=" + MANY, "succeeded=0 ENOTCONN=" + MANY);
  }

  private static List<String> killServer(
      HangingFiles hung, Running shell, String call, String paths) {
    wait(shell, call, paths, MANY);
    hung.await(MANY);
    hung.kill();
    shell.type("wait\n");
    shell.awaitOutput("succeeded=");
    shell.type(waits(call, paths, MANY) + "; echo over\n");
    shell.awaitOutput("over");
    return shell.out().lines().filter(line -> line.startsWith("succeeded")).toList();
  }

  @Test
  void readersWithoutAWriterMakeNobodyWaitAndGetTheirFiles() {
    sandbox.shell("for i in $(seq 0 " + (MANY - 1) + "); do mkfifo fifo-$i; done").run();
    try (var shell = supervisedShell()) {
      wait(shell, "open", "fifo-%d", MANY);
      shell.await("all to wait", () -> shell.workers().size() >= MANY);
      answersOthers(shell);
      killWaiting(shell);
      shell.await("workers gone", () -> shell.workers().size() <= IDLE);

      wait(shell, "open", "fifo-%d", MANY);
      shell.await("all to wait", () -> shell.workers().size() >= MANY);
      command(shell, "for f in fifo-*; do : > $f; done; wait", "succeeded=" + MANY + "\n");
    }
  }

  /// No more than half of what can wait at all.
  @Test
  void whereTooManyWaitFurtherCallsFailAndAreRecorded() {
    sandbox.shell("mkfifo fifo").run();
    Running shell = supervisedShell();
    wait(shell, "open", "fifo", 600);
    shell.awaitOutput("called");
    shell.await("511 to wait", () -> shell.workers().size() >= 511);
    // whoever has said that it calls may not have come to it, and would find the writer
    shell.await("89 to fail", () -> failed(shell.audit().orElseThrow()) >= 89);
    // without a program: to look at one takes a worker
    command(shell, "read -r line < text; echo \"$line\"", "a text\n");
    // the other end stays there: a worker may not have come to its open yet
    Running writer = sandbox.shell("exec 3<>fifo; read end").start();
    shell.type("wait; exit\n");
    var run = shell.finish();
    writer.closeInput();

    var counts = Counts.parse(run.lines().getLast());
    assertThat(counts.of("succeeded")).isEqualTo(511);
    assertThat(counts.of("EAGAIN")).isEqualTo(89);
    assertThat(run.records())
        .filteredOn(record -> record.text("errno").equals("EAGAIN"))
        .hasSize(89)
        .allSatisfy(record ->
            assertThat(record.texts("syscall", "action", "outcome"))
                .isEqualTo("openat fail refused"));
  }

  private static long failed(Path audit) {
    try (var lines = Files.lines(audit)) {
      return lines.filter(line -> line.contains("\"errno\":\"EAGAIN\"")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// C81. So late that nothing else of the program, such as what it is loaded from, is as late on a
  /// busy machine.
  @Test
  @NeedsRoot
  void afterTheDeadlineACallFailsAsThePolicySays() {
    sandbox.shell("mkfifo fifo").run();
    Path policy =
        sandbox.file(
            "deadline.yaml",
            """
            sluice: v1
            deadline: { after: 5s, otherwise: ETIMEDOUT }
            rules:
              - on: ["@open", stat, lstat, newfstatat, statx, mkdir, mkdirat]
                when: path.glob("/nowhere/**")
                deny: EACCES
            """);
    try (var _ = HangingFiles.at(sandbox, "hung");
        var shell = sandbox.command("sh").under(policy).start()) {
      wait(shell, "open", "fifo", 1);
      shell.awaitOutput("called");
      for (String call : new String[] {"open hung/open-1", "stat hung/dir/stat-1"}) {
        command(shell, Project.program("waits") + " " + call + " 1", "succeeded=0 ETIMEDOUT=1");
      }
      command(shell, Project.program("waits") + " mkdir hung/new-1 1", "succeeded=0 ETIMEDOUT=1");
      assertThat(shell.out()).as("a FIFO has no deadline").doesNotContain("succeeded=1");
      command(shell, ": > fifo; wait", "succeeded=1\n");
    }
  }

  private Running supervisedShell() {
    var shell = sandbox.command("sh").under(sandbox.lookAtEverything()).start();
    shell.type("cat text\n");
    return shell.awaitOutput("a text");
  }

  private static String waits(String call, String paths, int count) {
    return Project.program("waits") + " " + call + " " + paths + " " + count;
  }

  /// Has many threads make a call, in the background.
  private static void wait(Running shell, String call, String paths, int count) {
    shell.type(waits(call, paths, count) + " &\n");
  }

  private static void killWaiting(Running shell) {
    shell.type("kill -KILL $!\n");
    command(shell, "wait $! 2> status; echo status $?", "status 137\n");
  }

  private static void answersOthers(Running shell) {
    command(shell, "cat text && mkdir made && rmdir made && : > other && rm other", "a text\n");
  }

  /// Runs a command and waits until its output ends with `last`.
  private static void command(Running shell, String command, String last) {
    int before = shell.out().length();
    shell.type(command + "\n");
    shell.await(last.strip(), () -> shell.out().substring(before).contains(last));
  }
}
