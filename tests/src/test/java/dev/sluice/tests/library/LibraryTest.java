package dev.sluice.tests.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.supervisor.Sluice;
import dev.sluice.supervisor.SluiceException;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.AuditSink;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.tests.harness.Sandbox;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// [Sluice], as a program uses it that has it on its class path: this one.
final class LibraryTest {
  private static final String PRETEND = "- {on: getppid, emulate: pretend, audit: always}";

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void aChildIsSupervisedByALambdaAndItsRecordsAreDelivered() throws Exception {
    var calls = new AtomicInteger();
    var records = new CopyOnWriteArrayList<AuditRecord>();
    try (var sluice =
        Sluice.policy(sandbox.policy(PRETEND))
            .handler(
                "pretend",
                Set.of("getppid"),
                call -> {
                  calls.incrementAndGet();
                  return Verdict.Return.of(77);
                })
            .onRecord(records::add)
            .open()) {
      Process child = sluice.start(shell("echo $PPID; exit 5"));

      assertThat(child.inputReader().readAllAsString()).isEqualTo("77\n");
      assertThat(child.waitFor()).isEqualTo(5);
      sluice.flush();

      assertThat(calls.get()).isPositive();
      assertThat(records)
          .filteredOn(record -> record.syscall().equals("getppid"))
          .hasSize(calls.get())
          .allSatisfy(record -> {
            assertThat(record.pid()).isEqualTo((int) child.pid());
            assertThat(record.outcome()).isEqualTo(AuditRecord.Outcome.PERFORMED);
            assertThat(record.value()).contains(77L);
          });
    }
  }

  /// The last thing it does is the call. The child is our own, and the JVM waits for it while it is
  /// traced.
  @Test
  void whatAChildExecutesInItsOwnPlaceIsLookedAt() throws Exception {
    var records = new CopyOnWriteArrayList<AuditRecord>();
    try (var sluice = Sluice.policy(sandbox.verifyEverything()).onRecord(records::add).open()) {
      for (int i = 0; i < 5; i++) {
        Process child = sluice.start(shell("exec sh -c 'exec sh -c \"echo $$; exit 5\"'"));

        assertThat(child.inputReader().readAllAsString()).isEqualTo(child.pid() + "\n");
        assertThat(child.waitFor()).isEqualTo(5);
      }
      sluice.flush();

      assertThat(records)
          .filteredOn(record -> record.syscall().equals("execve"))
          .filteredOn(record -> record.errno().isEmpty())
          .hasSize(10)
          .allMatch(record -> record.safety() == SafetyClass.VERIFIED)
          .allMatch(record -> record.outcome() == AuditRecord.Outcome.OBSERVED);
    }
  }

  @Test
  void everyCallOfAChildThatHasEndedIsRecorded() throws Exception {
    var records = new CopyOnWriteArrayList<AuditRecord>();
    Path policy = sandbox.policy("- {on: exit_group, emulate: look, audit: always}");
    try (var sluice =
        Sluice.policy(policy)
            .handler("look", Set.of("exit_group"), call -> Verdict.CONTINUE)
            .onRecord(records::add)
            .open()) {
      for (int i = 1; i <= 100; i++) {
        assertThat(sluice.start(new ProcessBuilder("true")).waitFor()).isZero();
        sluice.flush();
        assertThat(records).hasSize(i);
      }
    }
  }

  /// Its mediated calls fail: nobody is left to decide them.
  @Test
  void aChildOutlivesItsSupervisor() throws Exception {
    sandbox.file("text", "a text\n");
    Process child;
    try (var sluice = Sluice.policy(sandbox.lookAtEverything()).open()) {
      child =
          sluice.start(
              shell(
                  "while read -r file; do cat() { read -r line < $1 && echo $line;"
                      + " }; cat $file || echo failed; done; exit 6"));
      assertThat(ask(child, "text")).isEqualTo("a text");
    }

    assertThat(ask(child, "text")).isEqualTo("failed");
    assertThat(child.isAlive()).isTrue();
    child.outputWriter().close();
    assertThat(child.waitFor()).isEqualTo(6);
    assertThat(child.errorReader().readAllAsString()).contains("Function not implemented");
  }

  @Test
  void twoSupervisorsDoNotKnowOfEachOther() throws Exception {
    sandbox.file("first/text", "the first\n");
    sandbox.file("second/text", "the second\n");
    var firstRecords = new CopyOnWriteArrayList<AuditRecord>();
    var secondRecords = new CopyOnWriteArrayList<AuditRecord>();
    String script =
        "while read -r file; do { read -r line < $file && echo $line; } || echo no; done";
    try (var second =
        Sluice.policy(sandbox.secret(sandbox.path("first"))).onRecord(secondRecords::add).open()) {
      Process theirs = second.start(shell(script));
      Process ours;
      try (var first =
          Sluice.policy(sandbox.secret(sandbox.path("second")))
              .onRecord(firstRecords::add)
              .open()) {
        ours = first.start(shell(script));
        for (int i = 0; i < 20; i++) {
          assertThat(ask(ours, "first/text")).isEqualTo("the first");
          assertThat(ask(theirs, "first/text")).isEqualTo("no");
          assertThat(ask(ours, "second/text")).isEqualTo("no");
          assertThat(ask(theirs, "second/text")).isEqualTo("the second");
        }
        ours.destroy();
        ours.waitFor();
      }
      assertThat(ask(theirs, "second/text")).isEqualTo("the second");
      assertThat(ask(theirs, "first/text")).isEqualTo("no");
      theirs.destroy();
      theirs.waitFor();
      second.flush();
    }
    assertThat(denied(firstRecords))
        .hasSize(20)
        .containsOnly(sandbox.path("second/text").toString());
    assertThat(denied(secondRecords))
        .hasSize(21)
        .containsOnly(sandbox.path("first/text").toString());
  }

  @Test
  void severalChildrenShareASupervisor() throws Exception {
    sandbox.file("text", "a text\n");
    try (var sluice = Sluice.policy(sandbox.lookAtEverything()).open()) {
      var children = new CopyOnWriteArrayList<Process>();
      for (int i = 0; i < 8; i++) {
        children.add(sluice.start(shell("for n in 1 2 3; do cat text; done; exit " + i)));
      }
      for (int i = 0; i < 8; i++) {
        assertThat(children.get(i).inputReader().readAllAsString()).isEqualTo("a text\n".repeat(3));
        assertThat(children.get(i).waitFor()).isEqualTo(i);
      }
    }
  }

  @Test
  void aCommandThatIsMissingIsAnIOExceptionAsProcessBuilderHasIt() throws Exception {
    try (var sluice = Sluice.policy(sandbox.lookAtEverything()).open()) {
      assertThatThrownBy(() -> sluice.start(new ProcessBuilder("no-such-command")))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no-such-command");
      assertThat(sluice.start(new ProcessBuilder("true")).waitFor()).isZero();
    }
  }

  @Test
  void aPolicyThatIsWrongSaysWhereAndWhy() {
    Path policy = sandbox.policy("- {on: opne, deny: EACCES}");

    assertThatThrownBy(() -> Sluice.policy(policy).open())
        .isInstanceOfSatisfying(
            PolicyException.class,
            e ->
                assertThat(e.diagnostics())
                    .singleElement()
                    .asString()
                    .contains("unknown system call 'opne'"));
  }

  /// By then its descriptors are others'.
  @Test
  void toCloseItAgainClosesNothing() throws Exception {
    Path policy = sandbox.lookAtEverything();
    var sluice = Sluice.policy(policy).reloadable().open();
    assertThat(sluice.start(new ProcessBuilder("true")).waitFor()).isZero();
    sluice.close();
    var files = new ArrayList<FileInputStream>();
    try {
      for (int i = 0; i < 40; i++) {
        files.add(new FileInputStream(policy.toFile()));
      }
      sluice.close();
      for (FileInputStream file : files) {
        assertThat(file.read()).isPositive();
      }
    } finally {
      for (FileInputStream file : files) {
        file.close();
      }
    }
    assertThatThrownBy(() -> sluice.start(new ProcessBuilder("true")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the supervisor is closed");
  }

  /// Although calls of others are still answered.
  @Test
  void whoIsToldOfAnEndMayCloseTheSupervisor() throws Exception {
    var sluice = Sluice.policy(sandbox.lookAtEverything()).open();
    Process first = sluice.start(shell("read -r line"));
    CompletableFuture<Void> ended = sluice.supervised().getFirst().ended();
    Process other = sluice.start(new ProcessBuilder("cat"));
    CompletableFuture<Void> told =
        ended.thenRun(() -> {
          sluice.flush();
          sluice.close();
        });

    first.outputWriter().close();

    assertThat(told).succeedsWithin(Duration.ofSeconds(60));
    other.destroyForcibly().waitFor();
  }

  /// It takes a second over a call that waits.
  @Test
  void whatIsStartedWhileItClosesIsNotLeftWithoutAnAnswer() throws Exception {
    sandbox.file("text", "a text\n");
    sandbox.shell("mkfifo fifo").run().mustSucceed();
    var sluice = Sluice.policy(sandbox.lookAtEverything()).open();
    Process waiting = sluice.start(shell("exec cat fifo"));
    while (sluice.supervised().getFirst().pending().isEmpty()) {
      LockSupport.parkNanos(1_000_000);
    }
    Thread closing = Thread.ofPlatform().start(sluice::close);
    var children = new ArrayList<Process>();
    boolean isClosed = false;
    while (!isClosed) {
      try {
        children.add(sluice.start(shell("read -r line; exec cat text")));
      } catch (IOException | SluiceException e) {
        isClosed = true;
      }
    }
    closing.join();

    for (Process child : children) {
      child.outputWriter().close();
      assertThat(child.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
    }
    waiting.destroyForcibly().waitFor();
  }

  /// Its calls wait until there is room for their records, which never comes.
  @Test
  void recordsThatFindNoRoomAreWaitedForSomeSeconds() throws Exception {
    var full =
        new AuditSink() {
          @Override
          public void write(AuditRecord record) {}

          @Override
          public boolean hasRoom() {
            return false;
          }
        };
    Path policy =
        sandbox.file(
            "lossless.yaml",
            """
            sluice: v1
            audit: { record: all, mode: lossless }
            rules: [ { on: getppid, emulate: one } ]
            """);
    try (var sluice =
        Sluice.policy(policy)
            .handler("one", Set.of("getppid"), call -> Verdict.Return.of(1))
            .sink(full)
            .open()) {
      Process child =
          sluice.start(new ProcessBuilder("python3", "-c", "import os\nwhile True: os.getppid()"));
      while (sluice.load().busyThreads() == 0 || sluice.load().recordsWaiting() < 8_000) {
        LockSupport.parkNanos(1_000_000);
      }
      child.destroyForcibly().waitFor();
      long begun = System.nanoTime();

      sluice.flush();

      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(30));
    }
  }

  /// A line to the child, and its answer.
  private static String ask(Process child, String line) throws IOException {
    Writer writer = child.outputWriter();
    writer.write(line + "\n");
    writer.flush();
    BufferedReader reader = child.inputReader();
    return reader.readLine();
  }

  private static List<String> denied(List<AuditRecord> records) {
    return records.stream()
        .filter(record -> record.action().equals("deny"))
        .map(record -> record.paths().getFirst().path().toString())
        .toList();
  }

  private ProcessBuilder shell(String script) {
    return new ProcessBuilder("sh", "-c", script).directory(sandbox.directory().toFile());
  }
}
