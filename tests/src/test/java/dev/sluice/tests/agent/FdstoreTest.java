package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The agent with its keeper, and what holds the descriptors for both, as two containers of a pod
/// are: neither is the other's child, and each is killed and started again alone.
final class FdstoreTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private Path store() {
    return sandbox.path("fdstore.sock");
  }

  private Command fdstore() {
    String program = Project.ROOT.resolve("native/target/bin/sluice-fdstore").toString();
    return sandbox.command(program, store().toString());
  }

  private Running startFdstore() {
    Running started = fdstore().start();
    started.await("its socket", this::listens);
    return started;
  }

  /// The file is there a moment before anybody can connect to it.
  private boolean listens() {
    try (var sockets = Files.lines(Path.of("/proc/net/unix"), StandardCharsets.ISO_8859_1)) {
      // the flag is __SO_ACCEPTCON
      return sockets.anyMatch(line -> line.contains(" 00010000 ") && line.endsWith(" " + store()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Agent agent() {
    Path policy =
        sandbox.file(
            "policy.yaml",
            """
            sluice: v1
            rules:
              - { on: getppid, return: 4711 }
              - { on: "@open", when: 'path.glob("/nowhere/**")', deny: EACCES }
            """);
    return Agent.start(
        sandbox, "--keep", "--fdstore", store().toString(), "--policy", policy.toString());
  }

  /// The keeper and, by that, its agent.
  private static void kill(Agent agent) {
    long pid = agent.process().supervisorPid();
    agent.process().signal("KILL");
    agent.process().awaitStatus();
    agent.process().await("the end of its agent", () -> !ProcessHandle.of(pid).isPresent());
  }

  @Test
  void containersOutliveTheKeeper() throws Exception {
    sandbox.shell("mkfifo fifo").run().mustSucceed();
    try (Running _ = startFdstore();
        Agent first = agent()) {
      Running container = first.container("first", "", "", "getppid,openat");
      assertThat(Agent.say(container, "getppid")).isEqualTo("4711");
      container.type("later openat -100 fifo 0\n");
      first
          .process()
          .await(
              "a call that waits",
              () -> first.command("ps").run().out().matches("(?s).* supervised +\\d+ +1 .*"));
      kill(first);

      try (Agent second = agent()) {
        assertThat(Agent.say(container, "getppid")).isEqualTo("4711");
        try (var _ = Files.newByteChannel(sandbox.path("fifo"), StandardOpenOption.WRITE)) {
          container.await("the open", () -> container.out().matches("(?s).*openat \\d+\n"));
        }
        // the same socket, and what the second has taken outlives it, too
        Running other = second.container("second", "", "", "getppid");
        kill(second);
        try (Agent third = agent()) {
          assertThat(Agent.say(other, "getppid")).isEqualTo("4711");
          other.closeInput();
          container.closeInput();
          third.process().await("their end", () -> third.command("ps").run().lines().size() == 1);
        }
      }
    }
  }

  /// As whoever cleans up `/run` does, or who gives the next keeper another `--socket`.
  @Test
  void aSocketThatNoClientCanReachMakesWay() throws Exception {
    try (Running _ = startFdstore();
        Agent first = agent()) {
      Running container = first.container("first", "", "", "getppid");
      kill(first);
      Files.delete(first.socket());

      try (Agent second = agent()) {
        assertThat(Agent.say(container, "getppid")).isEqualTo("4711");
        Running other = second.container("second", "", "", "getppid");
        assertThat(Agent.say(other, "getppid")).isEqualTo("4711");
      }
    }
  }

  /// A call that comes while nobody is there to answer it waits.
  @Test
  void callsWaitWhileThereIsNoKeeper() {
    try (Running _ = startFdstore();
        Agent first = agent()) {
      Running container = first.container("first", "", "", "getppid");
      kill(first);
      container.type("getppid\n");
      Running client =
          sandbox.sluice("run", "--agent=" + first.socket(), "--", "echo", "started").start();

      try (Agent _ = agent()) {
        container.awaitOutput("4711\n");
        client.awaitOutput("started\n");
      }
    }
  }

  @Test
  void whatIsKeptOutlivesTheStoreToo() {
    try (Running store = startFdstore();
        Agent first = agent()) {
      Running container = first.container("first", "", "", "getppid");
      store.signal("KILL");
      store.awaitStatus();
      first.process().awaitError("what is kept is with us alone for now \"" + store() + "\"");
      assertThat(Agent.say(container, "getppid")).isEqualTo("4711");

      try (Running _ = startFdstore()) {
        first.process().awaitError("what is kept is at \"" + store() + "\" too");
        kill(first);
        try (Agent _ = agent()) {
          assertThat(Agent.say(container, "getppid")).isEqualTo("4711");
        }
      }
    }
  }

  @Test
  void aStoreThatEndsIsNotLeftLyingAround() {
    try (Running store = startFdstore()) {
      store.signal("TERM");
      assertThat(store.awaitStatus()).isZero();
      assertThat(store()).doesNotExist();
    }
  }

  @Test
  void nobodyNeedReadWhatAStoreSays() {
    String script =
        """
        import socket, sys
        def keeper():
            it = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            it.connect(sys.argv[1])
            print(it.recv(100).split()[0].decode())
            return it
        first = keeper()
        first.send(b"FDNAME=")  # which is no name
        first.close()
        keeper()
        """;
    String program = fdstore().words().getFirst();
    String start = "mkfifo err; : <err & exec 2>err; wait; exec \"$0\" \"$@\"";
    try (Running store = sandbox.command("sh", "-c", start, program, store().toString()).start()) {
      store.await("its socket", this::listens);
      String python = Project.python("service").getFirst();
      Run run = sandbox.command(python, "-c", script, store().toString()).run();
      assertThat(run.mustSucceed().out()).isEqualTo("READY=1\nREADY=1\n");
    }
  }

  @Test
  void aSecondStoreLeavesTheFirstAlone() {
    try (Running _ = startFdstore()) {
      Run second = fdstore().run();
      assertThat(second.status()).isEqualTo(2);
      assertThat(second.err()).startsWith("sluice: bind \"" + store() + "\": EADDRINUSE");
    }
  }

  @Test
  void aKeeperWithoutItsStoreDoesNotBegin() {
    Run run =
        sandbox
            .command(
                Project.ROOT.resolve("native/target/bin/sluice-keeper").toString(),
                "-s",
                store().toString(),
                sandbox.path("agent.sock").toString(),
                "touch",
                "made")
            .run();

    assertThat(run.status()).isEqualTo(125);
    assertThat(run.err()).startsWith("sluice: connect \"" + store() + "\": ENOENT");
    assertThat(sandbox.path("made")).doesNotExist();
  }

  /// It could take every listener.
  @Test
  @NeedsRoot
  void anotherUserGetsNothing() {
    try (Running _ = startFdstore()) {
      String script =
          "import socket; socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).connect('%s')"
              .formatted(store());
      Run run =
          sandbox
              .command(List.of(Project.python("service").getFirst(), "-c", script))
              .supervisedAs(User.ORDINARY)
              .run();
      assertThat(run.err()).contains("PermissionError");
    }
  }

  @Test
  void theOptionIsForKeep() {
    Run run =
        sandbox
            .sluice("agent", "--fdstore", "x", "--policy", sandbox.lookAtEverything().toString())
            .run();
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).isEqualTo("sluice: --fdstore is for --keep\n");
  }
}
