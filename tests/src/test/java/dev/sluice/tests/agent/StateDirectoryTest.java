package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `sluice agent --keep --state DIR`.
final class StateDirectoryTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private String policy;
  private Path state;

  @BeforeEach
  void setState() {
    policy = sandbox.policy("- { on: getppid, return: 4711 }").toString();
    state = sandbox.directory("state");
  }

  private void mode(String permissions) throws IOException {
    Files.setPosixFilePermissions(state, PosixFilePermissions.fromString(permissions));
  }

  @Test
  void onlyWhatWasKeptOfListenersIsRemoved() throws IOException {
    mode("rwx------");
    List<String> precious = List.of("policy.yaml", "agent.sock.1", "0123456789abcdef.yaml");
    precious.forEach(name -> sandbox.file("state/" + name, "content"));
    List<String> left = List.of("0123456789abcdef.state", "0123456789abcdef.journal.new");
    left.forEach(name -> sandbox.file("state/" + name, "content"));

    Agent.start(sandbox, "--keep", "--policy", policy, "--state", state.toString()).close();

    precious.forEach(name -> assertThat(state.resolve(name)).hasContent("content"));
    left.forEach(name -> assertThat(state.resolve(name)).doesNotExist());
  }

  /// A directory with something in it, say.
  @Test
  void whatCannotBeRemovedIsLeft() throws IOException {
    mode("rwx------");
    sandbox.file("state/0123456789abcdef.journal/file", "content");
    sandbox.file("state/0123456789abcdef.state", "content");

    try (Agent agent =
        Agent.start(sandbox, "--keep", "--policy", policy, "--state", state.toString())) {
      Path journal = state.resolve("0123456789abcdef.journal");
      agent.process().awaitError("\"" + journal + "\" cannot be removed: Directory not empty");
      assertThat(state.resolve("0123456789abcdef.state")).doesNotExist();
    }
  }

  /// A policy that changes is noted for everybody who is there.
  @Test
  @NeedsRoot
  void nothingIsLeftOfContainersThatEndWhileThePolicyChanges() throws Exception {
    mode("rwx------");
    try (Agent agent =
        Agent.start(
            sandbox, "--keep", "--watch", "--policy", policy, "--state", state.toString())) {
      Running changing =
          sandbox
              .shell(
                  """
                  cp %1$s base
                  while cp base next && echo "# $i" >>next && mv next %1$s; do
                    i=$((i + 1))
                  done
                  """
                      .formatted(policy))
              .start();
      for (int i = 0; i < 60; i++) {
        Running one = agent.container("one", "", "", "getppid");
        one.closeInput();
        one.finish();
      }
      changing.signal("KILL");
      agent.process().await("the end of all", () -> kept().isEmpty());
    }
  }

  /// What it says was written by somebody who may have been killed meanwhile.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "sluice-of-nobody",
        "DIRECTORY",
        "DIRECTORY/other",
        "DIRECTORY/sluice-link",
        "\0"
      })
  void whatIsNoDirectoryOfAnAgentIsLeftAlone(String session) throws IOException {
    mode("rwx------");
    List<String> precious = List.of("file", "sluice-of-nobody/file", "other/file");
    precious.forEach(name -> sandbox.file(name, "content"));
    Files.createSymbolicLink(sandbox.path("sluice-link"), sandbox.path("other"));
    sandbox.file("state/session", session.replace("DIRECTORY", sandbox.directory().toString()));

    Agent.start(sandbox, "--keep", "--policy", policy, "--state", state.toString()).close();

    precious.forEach(name -> assertThat(sandbox.path(name)).hasContent("content"));
  }

  @Test
  void theDirectoryOfAnAgentThatWasKilledIsRemoved() throws IOException {
    mode("rwx------");
    sandbox.file("sluice-1-2/launch", "content");
    sandbox.file("state/session", sandbox.path("sluice-1-2").toString());

    Agent.start(sandbox, "--keep", "--policy", policy, "--state", state.toString()).close();

    assertThat(sandbox.path("sluice-1-2")).doesNotExist();
    assertThat(state.resolve("session")).content().contains("/sluice-");
    assertThat(state.resolve("session.new")).doesNotExist();
  }

  /// Its calls are not lost for that.
  @Test
  @NeedsRoot
  void aContainerWhoseJournalFindsNoRoomWaitsForAnAgentThatHasSome() {
    sandbox.shell("mount -t tmpfs -o size=1m,mode=700 none state").run().mustSucceed();
    try (Agent agent =
        Agent.start(sandbox, "--keep", "--policy", policy, "--state", state.toString())) {
      Running one = agent.container("one", "", "", "getppid");
      sandbox.shell("cat /dev/zero >state/fill; truncate -s -16k state/fill").run();
      agent.killAgent();
      assertThat(agent.process().err())
          .contains("container one is not supervised: ")
          .contains(": its calls wait for the next agent");
      one.type("getppid\n");

      sandbox.shell("rm state/fill").run().mustSucceed();
      agent.killAgent();
      one.awaitOutput("4711");
    } finally {
      sandbox.shell("umount -l state").run();
    }
  }

  /// Such as where there is no descriptor left, or the file system fails.
  @ParameterizedTest
  @ValueSource(strings = {".state", ".policy", ".imposed"})
  void aContainerOfWhichSomethingCannotBeReadWaitsForAnAgentThatCan(String suffix)
      throws IOException {
    mode("rwx------");
    try (Agent agent =
        Agent.start(sandbox, "--keep", "--policy", policy, "--state", state.toString())) {
      Running one = agent.container("one", "", "", "getppid");
      agent.command("quarantine", "one").run().mustSucceed();
      Path file = kept(suffix);
      Path aside = sandbox.path("aside");
      Files.move(file, aside);
      Files.createDirectory(file); // whoever opens it finds something that cannot be read
      agent.killAgent();
      assertThat(agent.process().err())
          .contains("Is a directory: the calls of its container wait for the next agent");
      one.type("getppid\n");

      Files.delete(file);
      Files.move(aside, file);
      agent.killAgent();
      one.awaitOutput("EPERM");
      agent.command("quarantine", "--lift", "one").run().mustSucceed();
      assertThat(Agent.say(one, "getppid")).isEqualTo("4711");
    }
  }

  /// Nobody knows what was to decide its calls.
  @ParameterizedTest
  @CsvSource({".state, the state is no JSON object", ".policy, is not whole"})
  void aContainerOfWhichNoAgentCanReadItIsLetGo(String suffix, String complaint)
      throws IOException {
    mode("rwx------");
    try (Agent agent =
        Agent.start(sandbox, "--keep", "--policy", policy, "--state", state.toString())) {
      Running one = agent.container("one", "", "", "getppid");
      Files.writeString(kept(suffix), "[]");
      agent.killAgent();

      assertThat(agent.process().err()).contains(complaint).contains(": its listener is closed");
      assertThat(Agent.say(one, "getppid")).isEqualTo("ENOSYS");
    }
  }

  /// The files about listeners.
  private List<Path> kept() {
    try (var files = Files.list(state)) {
      return files.filter(file -> file.toString().matches(".*/\\p{XDigit}{16}\\..*")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path kept(String suffix) throws IOException {
    try (var files = Files.list(state)) {
      return files.filter(file -> file.toString().endsWith(suffix)).findFirst().orElseThrow();
    }
  }

  @Test
  void oneThatOthersMayEnterIsNotUsed() throws IOException {
    mode("rwxr-xr-x");

    assertRefused("is rwxr-xr-x");
  }

  @Test
  @NeedsRoot
  void oneOfAnotherUserIsNotUsed() throws IOException {
    mode("rwx------");
    Files.setAttribute(state, "unix:uid", 65534);

    assertRefused("belongs to user 65534 and is rwx------");
  }

  private void assertRefused(String what) {
    Run run =
        sandbox
            .sluice(
                "agent",
                "--keep",
                "--policy",
                policy,
                "--socket",
                sandbox.path("agent.sock").toString(),
                "--state",
                state.toString())
            .run();

    assertThat(run.err())
        .startsWith("sluice: --state: \"" + state + "\" cannot be used: it belongs to user ")
        .contains(what)
        .endsWith(", and closed to others (mode 0700)\n");
    assertThat(run.status()).isEqualTo(2);
  }
}
