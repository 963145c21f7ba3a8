package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What LXC's monitor says to the agent, and what it never would: said by a client of our own
/// (`src/test/python/lxc_monitor.py`).
@NeedsRoot
final class LxcMonitorTest {
  private static final String POLICY =
      """
      sluice: v1
      rules:
        - { on: getppid, when: 'container.id == "made-up" && container.bundle == "/var/lib/made up/made-up"', return: 4711 }
        - { on: "@open", when: 'path.under("DIRECTORY")', allow: }
      """;

  /// The JVM opens and closes a few by itself.
  private static final int SOME = 5;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private Agent agent;
  private Running monitor;

  @BeforeEach
  void start() {
    sandbox.file(
        "policies/strict.yaml", POLICY.replace("DIRECTORY", sandbox.directory().toString()));
    agent = startAgent();
    monitor = monitor("strict");
  }

  private Agent startAgent() {
    return Agent.start(
        sandbox, "--policies", sandbox.path("policies").toString(), "--lxc", socket().toString());
  }

  private Path socket() {
    return sandbox.path("lxc.sock");
  }

  private Running monitor(String cookie) {
    var words = new ArrayList<>(Project.python("lxc_monitor"));
    words.addAll(List.of(socket().toString(), cookie));
    return sandbox.command(words).start().awaitOutput("connected\n");
  }

  private String say(String line) {
    return Agent.say(monitor, line);
  }

  private int descriptors() {
    return agent.process().descriptorsOf(agent.process().pid());
  }

  /// Some are closed once a call has been answered.
  private void awaitDescriptors(int most) {
    agent.process().await("fewer than " + most + " descriptors", () -> descriptors() < most);
  }

  @AfterEach
  void end() {
    monitor.close();
    agent.close();
  }

  @Test
  void callsAreDecided() {
    assertThat(say("call 1")).isEqualTo("(4711, 136)");
    // a call is counted once it has been answered
    String line = "(?s).*made-up .* strict +supervised +\\d+ +0 +1 .*";
    agent.process().await(line, () -> agent.command("ps").run().mustSucceed().out().matches(line));
    monitor.closeInput();
    agent.process().awaitError("container made-up: its monitor has hung up");
  }

  /// A monitor sends one at a time; who sends more is answered as well.
  @Test
  void severalInARow() {
    assertThat(say("row 5")).isEqualTo("4711 4711 4711 4711 4711");
  }

  @Test
  void nothingStaysOpen() {
    say("call 1");
    int before = descriptors();

    assertThat(say("call 1000")).isEqualTo("(4711, 136)");

    awaitDescriptors(before + SOME);
  }

  /// The first of its connection, and a later one.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "short    | it has 100 bytes, not 136 and up to 255 of a cookie",
        "reserved | what is reserved in it is 0x1, not 0",
        "sizes    | its structures have 96 and 24 bytes, not 80 and 24",
        "length   | its cookie has 6 bytes, and it says 9223372036854775808",
        "monitor  | it is from monitor 1, which is another process here: it is in another pid"
            + " namespace",
        "two      | no listener came with it: LXC before 4.0.5 sends none",
        "four     | it came with 4 descriptors, of which the third is to be a listener",
        "other    | it came with 3 descriptors, of which the third is to be a listener",
        "many     | it has more than 391 bytes, or 16 descriptors",
        "long     | it has more than 391 bytes, or 16 descriptors",
      })
  void whatIsWrongIsAnsweredAtOnce(String how, String complaint) {
    assertThat(say("bad " + how)).isEqualTo("(-38, 0)");
    agent
        .process()
        .awaitError("a call that process " + monitor.pid() + " passed on is not served: ");
    agent.process().awaitError(complaint);
    assertThat(say("call 1")).isEqualTo("(4711, 136)");
    int before = descriptors();

    for (int i = 0; i < 20; i++) {
      assertThat(say("bad " + how)).isEqualTo("(-38, 0)");
    }

    assertThat(say("call 1")).isEqualTo("(4711, 136)");
    awaitDescriptors(before + SOME);
    assertThat(agent.process().err().split("is not served", -1)).hasSize(2); // said once
  }

  @Test
  void aCookieCannotChange() {
    assertThat(say("call 1")).isEqualTo("(4711, 136)");
    assertThat(say("bad cookie")).isEqualTo("(-38, 0)");
    agent.process().awaitError("it is of another container than the call before");
  }

  /// An answer for somebody who is gone could be taken for that of the next call.
  @Test
  void whoIsKilledIsNotAnswered() {
    sandbox.shell("mkfifo fifo").run().mustSucceed();
    say("call 1");
    monitor.type("kill " + sandbox.path("fifo") + "\n");
    monitor.awaitOutput("sent\n");
    agent
        .process()
        .await(
            "the open to wait",
            () -> agent.command("ps").run().out().matches("(?s).* 1 +\\d+ +\\d+\\s*"));
    assertThat(say("go")).isEqualTo("0");

    assertThat(say("again")).isEqualTo("connected");
    assertThat(say("call 10")).isEqualTo("(4711, 136)");
  }

  /// A monitor would answer ENOSYS after 30 s, and take our answer for that of the next call.
  @Test
  void whatWaitsTooLongFails() {
    sandbox.shell("mkfifo fifo").run().mustSucceed();

    assertThat(say("fifo " + sandbox.path("fifo"))).isEqualTo("(-5, 136)");

    assertThat(say("call 10")).isEqualTo("(4711, 136)");
  }

  @Test
  void anUnknownPolicyFailsClosed() {
    monitor.close();
    monitor = monitor("lenient");
    assertThat(say("call 1")).isEqualTo("(-1, 136)");
    agent
        .process()
        .awaitError("container made-up: every call is refused: there is no policy 'lenient'");
  }

  /// A monitor connects again, and by that it must not free its container.
  @Test
  void quarantineOutlivesAConnection() {
    say("call 1");
    agent.command("quarantine", "made-up").run().mustSucceed();
    assertThat(say("call 1")).isEqualTo("(-1, 136)");

    say("again");
    agent.process().awaitError("container made-up: its monitor has hung up");

    assertThat(say("call 1")).isEqualTo("(-1, 136)");
  }

  @Test
  void theNextAgentServesItAgain() {
    assertThat(say("call 1")).isEqualTo("(4711, 136)");
    Running.signal("KILL", agent.process().pid());
    agent.process().awaitStatus();
    agent.close();
    agent = startAgent();

    say("again");

    assertThat(say("call 1")).isEqualTo("(4711, 136)");
  }

  @Test
  void aFileIsNotTakenForASocket() {
    Path file = sandbox.file("precious", "content");
    var run =
        sandbox
            .sluice(
                "agent",
                "--policies",
                sandbox.path("policies").toString(),
                "--socket",
                sandbox.path("other.sock").toString(),
                "--lxc",
                file.toString())
            .run();

    assertThat(run.err()).isEqualTo("sluice: --lxc: bind \"" + file + "\": EADDRINUSE\n");
    assertThat(run.status()).isEqualTo(2);
    assertThat(file).hasContent("content");
  }
}
