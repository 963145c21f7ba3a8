package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Unprivileged containers that LXC starts, whose monitors pass their calls on to the agent
/// (`src/test/python/lxc_container.py`).
@NeedsRoot
final class LxcTest {
  private static final String POLICY =
      """
      sluice: v1
      rules:
        - { on: [mkdir, mkdirat], when: 'container.id == "made" && path.glob("/tmp/secret*")', deny: EDQUOT, audit: always }
        - { on: [mknod, mknodat], when: 'math.bitAnd(mode, S_IFMT) == S_IFCHR && dev != 0', emulate: device }
        - { on: mount, when: 'fstype == "ramfs"', deny: ENOTBLK }
        - { on: "@open", when: 'path.under("/tmp")', deny: EXDEV, audit: always }
      """;

  /// One whose rules LXC can serve.
  private static final String COMPILED =
      """
      sluice: v1
      rules:
        - { on: [mkdir, mkdirat], when: 'path.glob("/tmp/secret*")', deny: EDQUOT }
        - { on: [mknod, mknodat], when: 'math.bitAnd(mode, S_IFMT) == S_IFCHR && dev != 0', emulate: device }
        - { on: chroot, deny: EXDEV }
      """;

  private static final String[] CALLS = {
    "mkdir", "mkdirat", "mknod", "mknodat", "mount", "openat2"
  };

  /// Opens a file by openat2(2), which glibc has no function for.
  private static final String OPENAT2 =
      "python3 -c 'import ctypes, os, sys;"
          + " fd = ctypes.CDLL(None, use_errno=True).syscall(437, -100, sys.argv[1].encode(),"
          + " bytes(24), 24);"
          + " print(os.read(fd, 9) if fd >= 0 else os.strerror(ctypes.get_errno()))' ";

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @AfterEach
  void stop() {
    if (Files.exists(sandbox.path("containers"))) {
      lxc("lxc-stop", "--kill"); // it may have ended
    }
  }

  @Test
  void itsCallsAreDecided() throws IOException {
    Path audit = sandbox.path("records.jsonl");
    try (Agent agent = startAgent("--audit", audit.toString())) {
      startContainer();

      assertThat(say("mkdir /tmp/secret-1; mkdir /tmp/open && stat -c '%F %u' /tmp/open"))
          .containsExactly(
              "mkdir: cannot create directory '/tmp/secret-1': Disk quota exceeded", "directory 0");
      assertThat(say("mknod /tmp/null c 1 3 && stat -c '%F %t:%T' /tmp/null; mknod /tmp/m c 1 1"))
          .containsExactly("character special file 1:3", "mknod: /tmp/m: Operation not permitted");
      assertThat(say("mount -t tmpfs none /mnt && stat -f -c %T /mnt; mount -t ramfs none /mnt"))
          .contains("tmpfs")
          .anyMatch(line -> line.contains("block device"));
      assertThat(say(OPENAT2 + "/etc/os-release; " + OPENAT2 + "/tmp/null"))
          .containsExactly("b'PRETTY_NA'", "Invalid cross-device link");
      assertThat(lxc("lxc-attach", "--", "mkdir", "/tmp/secret-2").err())
          .contains("Disk quota exceeded");

      assertThat(agent.command("ps").run().mustSucceed().out())
          .containsPattern("made .*strict +supervised");
      lxc("lxc-stop", "--kill");
      agent.process().awaitError("container made: its monitor has hung up");
    }
    assertThat(Files.readAllLines(audit))
        .anyMatch(
            line -> line.contains("\"container\":\"made\"") && line.contains("\"/tmp/secret-2\""));
  }

  @Test
  void theNextAgentServesIt() {
    try (Agent first = startAgent()) {
      startContainer();
      assertThat(say("mkdir /tmp/secret")).singleElement().asString().contains("Disk quota");
      Running.signal("KILL", first.process().pid());
    }
    assertThat(say("mkdir /tmp/secret")).singleElement().asString().contains("not implemented");

    try (Agent _ = startAgent()) {
      assertThat(say("mkdir /tmp/secret")).singleElement().asString().contains("Disk quota");
      assertThat(say("mkdir /tmp/open")).isEmpty();
    }
  }

  /// The monitor has to connect again then, as its call has no answer.
  @Test
  void aCallerIsKilledWhileItsCallWaits() {
    try (Agent agent = startAgent()) {
      startContainer();
      assertThat(say("mkfifo /mnt/fifo; " + OPENAT2 + "/mnt/fifo >/dev/null 2>&1 &")).isEmpty();
      agent
          .process()
          .await(
              "the open to wait",
              () -> agent.command("ps").run().out().matches("(?s).* 1 +\\d+ +\\d+\\s*"));

      assertThat(say("kill -KILL $!")).isEmpty();
      assertThat(say("mkdir /tmp/secret").getLast()).contains("Disk quota");
      assertThat(say("mkdir /tmp/open")).isEmpty();
    }
  }

  /// With the configuration that is printed beside it.
  @Test
  void aCompiledProfileIsOneThatLxcStartsWith() throws IOException {
    sandbox.file("policies/compiled.yaml", COMPILED);
    try (Agent agent = startAgent()) {
      assumeLxcStarts();
      Run compiled =
          sandbox
              .sluice(
                  "policy",
                  "compile",
                  "--format=lxc",
                  "--lxc",
                  sandbox.path("lxc.sock").toString(),
                  "--output=compiled.profile",
                  "policies/compiled.yaml")
              .run()
              .mustSucceed();
      make("", "");
      Files.writeString(
          sandbox.path("containers/made/config"), compiled.out(), StandardOpenOption.APPEND);
      lxc("lxc-start").mustSucceed();

      assertThat(agent.command("ps").run().mustSucceed().lines()).hasSize(1); // nothing yet
      assertThat(say("mkdir /tmp/secret; mkdir /tmp/open && stat -c '%F %u' /tmp/open"))
          .containsExactly(
              "mkdir: cannot create directory '/tmp/secret': Disk quota exceeded", "directory 0");
      assertThat(
              say(
                  "mknod /tmp/null c 1 3 && stat -c '%F %t:%T' /tmp/null; mknod /tmp/p p && echo"
                      + " made"))
          .containsExactly("character special file 1:3", "made");
      assertThat(say("chroot / true")) // by the kernel alone
          .singleElement()
          .asString()
          .endsWith("Invalid cross-device link");
      assertThat(agent.command("ps").run().mustSucceed().out())
          .containsPattern("made .*compiled +supervised");
    }
  }

  private Agent startAgent(String... options) {
    sandbox.file("policies/strict.yaml", POLICY);
    var all =
        new ArrayList<>(
            List.of(
                "--policies",
                sandbox.path("policies").toString(),
                "--lxc",
                sandbox.path("lxc.sock").toString()));
    all.addAll(List.of(options));
    return Agent.start(sandbox, all.toArray(String[]::new));
  }

  private void startContainer() {
    assumeLxcStarts();
    make(sandbox.path("lxc.sock").toString(), "strict");
    lxc("lxc-start").mustSucceed();
  }

  private void assumeLxcStarts() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/lxc-start")), "lxc is not installed");
    make("", "");
    Run start = lxc("lxc-start");
    assumeTrue(start.status() == 0, () -> "LXC starts no container here: " + start.err());
    lxc("lxc-stop", "--kill").mustSucceed();
    sandbox.shell("rm -r containers rootfs").run().mustSucceed();
  }

  private void make(String socket, String cookie) {
    var words = new ArrayList<>(Project.python("lxc_container"));
    words.addAll(List.of(sandbox.directory().toString(), socket, cookie));
    words.addAll(List.of(CALLS));
    sandbox.command(words).run().mustSucceed();
  }

  /// newuidmap(1), if LXC finds it, wants the ids to be ours in /etc/subuid.
  private Run lxc(String program, String... arguments) {
    var words = new ArrayList<>(List.of("/usr/bin/" + program, "-P"));
    words.addAll(List.of(sandbox.path("containers").toString(), "-n", "made"));
    words.addAll(List.of(arguments));
    return sandbox.command(words).environment("PATH", "/usr/sbin").run();
  }

  /// What comes of a line of sh in the container.
  private List<String> say(String line) {
    return sandbox
        .command("sh", "-c", "printf '%s\\n' \"$0\" >rootfs/do && exec cat rootfs/said", line)
        .run()
        .lines();
  }
}
