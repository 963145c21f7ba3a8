package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `sluice-keeper`, and services of all kinds, which are in `src/test/python/service.py`.
final class KeeperTest {
  /// In seconds: a service that a busy machine keeps waiting is not killed for that.
  private static final int LONG = 60;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private List<String> keeper(String... service) {
    return keeper(LONG, service);
  }

  /// @param watchdog in seconds: short where a service is to be killed
  private List<String> keeper(int watchdog, String... service) {
    var words = new ArrayList<String>();
    words.add(Project.ROOT.resolve("native/target/bin/sluice-keeper").toString());
    words.addAll(List.of("-w", "" + watchdog, sandbox.path("socket").toString()));
    words.addAll(Project.python("service"));
    words.addAll(List.of(service));
    return words;
  }

  private Running start(String... service) {
    return sandbox.command(keeper(service)).start();
  }

  private Running startWithShortWatchdog(String... service) {
    return sandbox.command(keeper(1, service)).start();
  }

  /// The service never even looks at it.
  @Test
  void theSocketIsThereBeforeTheServiceIs() throws IOException {
    try (Running keeper = start("slow")) {
      keeper.awaitOutput("starting");
      try (var client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        client.connect(UnixDomainSocketAddress.of(sandbox.path("socket")));
        assertThat(client.isConnected()).isTrue();
      }
    }
  }

  @Test
  void whatIsStoredComesBack() {
    try (Running keeper = start("store")) {
      keeper.awaitOutput("start runtimes\n");
      keeper.awaitOutput("start runtimes:first:second\nfirst: one\nsecond: two\n");
      keeper.awaitOutput("start runtimes:second\nsecond: two\n");
      keeper.signal("TERM");
      assertThat(keeper.awaitStatus()).isZero();
      assertThat(sandbox.path("socket.notify")).doesNotExist();
    }
  }

  @Test
  void whoSaysNothingIsKilled() {
    try (Running keeper = startWithShortWatchdog("silent")) {
      keeper.awaitError("the agent does not answer and is killed");
      keeper.awaitError("the agent ended (signal 9) and is started again");
    }
  }

  /// When it was ready once, and hangs when it is started again.
  @Test
  void whoIsNotReadyInTimeIsKilled() {
    try (Running keeper = startWithShortWatchdog("hangs")) {
      keeper.awaitError("the agent does not answer and is killed");
      keeper.awaitOutput("start 1\nstart 2\nstart 3\n");
    }
  }

  /// The service has its limit lowered, which holds for all but root.
  @Test
  @NeedsRoot
  void aStartThatFailsIsTriedAgain() {
    try (Running keeper = sandbox.command(keeper("full")).supervisedAs(User.ORDINARY).start()) {
      keeper.awaitError("sluice: fork: EAGAIN");
      sandbox
          .command("prlimit", "--pid", "" + keeper.pid(), "--nproc=1000")
          .supervisedAs(User.ORDINARY)
          .run()
          .mustSucceed();
      keeper.awaitOutput("start 2\n");
    }
  }

  @Test
  void nobodyNeedReadWhatItSays() {
    var words = new ArrayList<>(List.of("sh", "-c"));
    words.add("mkfifo err; : <err & exec 2>err; wait; exec \"$0\" \"$@\"");
    words.addAll(keeper("again"));
    try (Running keeper = sandbox.command(words).start()) {
      keeper.awaitOutput("start 2\n");
      keeper.signal("TERM");
      assertThat(keeper.awaitStatus()).isZero();
    }
  }

  /// As some leave it behind who start it.
  @Test
  void endsAreNoticedWhereSigchldWasIgnored() {
    var words = new ArrayList<>(List.of("env", "--ignore-signal=CHLD"));
    words.addAll(keeper("wrong"));
    Run run = sandbox.command(words).run();

    assertThat(run.status()).isEqualTo(2);
  }

  /// Within the ten seconds that a service has to end.
  @Test
  void aHangUpWhileThereIsNoServiceDoesNotEndTheNext() {
    try (Running keeper = start("hung-up")) {
      keeper.awaitError("is started again");
      keeper.signal("HUP");
      sandbox.file("go", "");
      keeper.awaitOutput("start 2\nstill there\n");
      assertThat(keeper.err()).doesNotContain("signal 9");
    }
  }

  /// Then it is not its own fault that it ends.
  @Test
  void whoIsHungUpBeforeItIsReadyIsStartedAgain() {
    try (Running keeper = start("at-first")) {
      keeper.awaitOutput("start 1\n");
      keeper.signal("HUP");
      keeper.awaitOutput("start 2\n");
      keeper.signal("TERM");
      assertThat(keeper.awaitStatus()).isZero();
    }
  }

  /// What it opens itself must not be where it, or the service, writes.
  @ParameterizedTest
  @ValueSource(strings = {"<&-", ">&-", "2>&-", "<&- >&- 2>&-"})
  void standardStreamsMayBeClosed(String closing) {
    var words = new ArrayList<>(List.of("sh", "-c", "exec \"$0\" \"$@\" " + closing));
    words.add(Project.ROOT.resolve("native/target/bin/sluice-keeper").toString());
    words.add(sandbox.path("socket").toString());
    String look = "echo $(for i in 0 1 2; do readlink /proc/$$/fd/$i; done) >streams; exit 3";
    words.addAll(List.of("sh", "-c", look));

    Run run = sandbox.command(words).run();

    assertThat(run.status()).isEqualTo(3);
    assertThat(sandbox.path("streams"))
        .content()
        .contains("/dev/null")
        .doesNotContain("socket:", "anon_inode:");
  }

  /// That of the other one beside it, too: nothing is bound then.
  @Test
  void aPathThatIsTooLongIsSaidAtOnce() {
    int length = 101 - sandbox.directory().toString().length() - 1;
    Path socket = sandbox.path("s".repeat(length));
    String program = Project.ROOT.resolve("native/target/bin/sluice-keeper").toString();

    Run run = sandbox.command(program, socket.toString(), "touch", "started").run();

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).startsWith("sluice: --socket: bind \"" + socket + "\": ENAMETOOLONG");
    assertThat(socket).doesNotExist();
    assertThat(sandbox.path("started")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-h", "--help", "-V", "--version"})
  void whoOnlyAsksGetsNoKeeper(String option) {
    String socket = sandbox.path("none/socket").toString();

    Run run = sandbox.sluice("agent", "--keep", "--socket", socket, option).run().mustSucceed();

    assertThat(run.err()).isEmpty();
  }

  /// Such as one whose policy is wrong.
  @Test
  void whoWasNeverReadyIsNotStartedAgain() {
    Run run = sandbox.command(keeper("wrong")).run();

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.out()).isEqualTo("wrong\n");
  }

  /// It may still be making what the next one has to know of.
  @Test
  void nothingIsStartedWhileSomethingOfTheOneBeforeIsLeft() {
    try (Running keeper = start("children")) {
      keeper.awaitOutput("child has ended\nstart 2, child has ended\n");
    }
  }

  /// Such as a program that serves a file system to a container.
  @Test
  void whatHasASessionOfItsOwnIsNotWaitedFor() {
    try (Running keeper = start("stays")) {
      keeper.awaitOutput("start 2, child is there\n");
    } finally {
      sandbox.shell("kill $(cat child)").run();
    }
  }

  @Test
  void aSecondKeeperLeavesTheFirstAlone() {
    try (Running first = start("slow")) {
      first.awaitOutput("starting");
      Run second = sandbox.command(keeper("slow")).run();

      Path socket = sandbox.path("socket");
      assertThat(second.status()).isEqualTo(2);
      assertThat(second.err()).startsWith("sluice: --socket: bind \"" + socket + "\": EADDRINUSE");
    }
  }
}
