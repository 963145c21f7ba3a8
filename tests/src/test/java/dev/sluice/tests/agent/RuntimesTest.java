package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Containers that runc(8) and crun(1) start, supervised by `sluice agent` with the profile that
/// `sluice policy compile` makes of a policy.
@NeedsRoot
final class RuntimesTest {
  private static final Path BUNDLE = Project.ROOT.resolve("tests/src/test/python/bundle.py");
  private static final String SCRIPT =
      """
      mknod /tmp/null c 1 3 && echo text > /tmp/null && stat -c '%F %t:%T %u' /tmp/null
      mknod /dev/own c 1 5 && head -c 3 /dev/own | od -An -c
      mknod /tmp/mem c 1 1 || echo no memory
      """;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  /// Its filter is installed as only some runtimes can.
  @Test
  void whatAContainerExecutesIsDecidedByPath() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/crun")), "crun is not installed");
    Path policy =
        sandbox.policy(
            """
            - { on: "@exec", when: 'path.glob("**/bin/id")', deny: EACCES }
            - { on: "@exec", when: 'path.glob("**/bin/head")', deny: EPERM, audit: always }
            """);
    try (Running agent = agent(policy)) {
      bundle(
          policy,
          "--runtime crun",
          "id || echo refused; head -c 1 /dev/zero || echo refused; cat /proc/self/comm; exec echo"
              + " end",
          "");
      assertThat(sandbox.path("profile.json")).content().contains("WAIT_KILLABLE_RECV");

      assertThat(run("crun").lines()).containsExactly("refused", "refused", "cat", "end");
      agent.awaitError("its last process has ended");
      assertThat(agent.err()).doesNotContain("cannot be watched");
    }
  }

  /// By whoever has written a profile by hand, say. What cannot be looked at is refused.
  @Test
  void aFilterThatSignalsInterruptIsFoundOut() {
    assumeTrue(Files.isExecutable(Path.of("/usr/sbin/runc")), "runc is not installed");
    Path policy = sandbox.policy("- { on: '@exec', when: 'path.under(\"/x\")', deny: EACCES }");
    try (Running agent = agent(policy)) {
      bundle(policy, "--wait-killable", "echo started", "");
      sandbox.shell("sed -i 's/\"flags\": [[][^]]*], //' config.json").run().mustSucceed();

      Run run = run("runc");
      assertThat(run.out()).isEmpty();
      assertThat(run.err()).contains("operation not permitted");
      agent.awaitError("cannot be watched: its filter was installed without SECCOMP_FILTER_FLAG_");
      agent.awaitError("its last process has ended");
    }
  }

  /// The container would not start.
  @Test
  void whatNoFilterOfARuntimeCanHoldIsRefused() {
    assumeTrue(Files.isExecutable(Path.of("/usr/sbin/runc")), "runc is not installed");
    String rule = "- { on: '@exec', when: 'path.under(\"/x\")', deny: EACCES }";
    String policy = sandbox.policy(rule).toString();
    for (String[] options : new String[][] {{}, {"--runtime", "runc"}}) {
      var words = new ArrayList<>(List.of("policy", "compile", "--format", "oci", policy));
      words.addAll(List.of(options));
      Run run = sandbox.sluice(words.toArray(String[]::new)).run();
      assertThat(run.err())
          .startsWith(policy + ":4:5: error: decides by path what is executed")
          .contains("no container would start");
      assertThat(run.status()).isEqualTo(2);
    }
  }

  /// crun knows an annotation that does what listenerPath does.
  @ParameterizedTest
  @CsvSource({"runc, ''", "crun, ''", "crun, run.oci.seccomp.receiver"})
  void aContainerMakesDevices(String runtime, String annotation) {
    assumeTrue(
        Files.isExecutable(Path.of("/usr/bin", runtime))
            || Files.isExecutable(Path.of("/usr/sbin", runtime)),
        runtime + " is not installed");
    Path policy = Project.policy("unprivileged-container");
    try (Running agent = agent(policy)) {
      bundle(policy, "", SCRIPT, annotation);

      Run container = run(runtime);

      assertThat(container.lines())
          .as(container.toString())
          .containsExactly("character special file 1:3 0", "  \\0  \\0  \\0", "no memory");
      agent.awaitError("its last process has ended");
      assertThat(agent.err()).containsPattern("container .*, process [1-9]");
    }
  }

  /// The profile is made before there is a container.
  @Test
  void aRuleMayBeAboutTheContainerAlone() {
    assumeTrue(Files.isExecutable(Path.of("/usr/sbin/runc")), "runc is not installed");
    Path policy =
        sandbox.policy(
            """
            - { on: [mkdir, mkdirat], when: 'container.bundle == "%s"', deny: EDQUOT }
            - { on: [rmdir, unlinkat], when: 'container.id == "another"', deny: EDQUOT }
            """
                .formatted(sandbox.directory()));
    try (Running agent = agent(policy)) {
      bundle(policy, "", "mkdir /tmp/a; rmdir /tmp/a", "");
      Run run = run("runc");
      assertThat(run.err())
          .contains("/tmp/a': Disk quota exceeded", "/tmp/a': No such file or directory");
      agent.awaitError("its last process has ended");
    }
  }

  /// The supervisor decides what a profile cannot say in few enough rules.
  @Test
  void aRuleMayBeAboutAddresses() {
    assumeTrue(Files.isExecutable(Path.of("/usr/sbin/runc")), "runc is not installed");
    Path policy =
        sandbox.policy(
            """
            - { on: "@connect", when: address.port == 25, deny: EACCES }
            """);
    String script =
        """
        python3 -c '
        from errno import errorcode
        from socket import socket, SOL_IP, IP_OPTIONS
        def said(call, *words):
            try:
                call(*words)
            except OSError as e:
                print(errorcode[e.errno])
        said(socket().setsockopt, SOL_IP, IP_OPTIONS, bytes(4))
        said(socket().connect, ("127.0.0.1", 25))
        '
        """;
    try (Running agent = agent(policy)) {
      assertThat(bundle(policy, "", script, "").err())
          .contains("setsockopt is notified whatever its arguments are");
      assertThat(run("runc").lines()).containsExactly("EPERM", "EACCES");
      agent.awaitError("its last process has ended");
    }
  }

  private Running agent(Path policy) {
    Path socket = sandbox.path("agent.sock");
    return sandbox
        .command(
            Project.SCRIPT.toString(),
            "agent",
            "--policy",
            policy.toString(),
            "--socket",
            socket.toString())
        .environment("SLUICE_LOG", "info")
        .start()
        .awaitError("listening at " + socket);
  }

  private Run bundle(Path policy, String options, String script, String annotation) {
    return sandbox
        .command(
            "sh",
            "-c",
            "\"$0\" policy compile --format oci %s --output profile.json \"$1\" && python3 \"$2\" ."
                    .formatted(options)
                + " \"$3\" \"$4\" $5",
            Project.SCRIPT.toString(),
            policy.toString(),
            BUNDLE.toString(),
            sandbox.path("agent.sock").toString(),
            script,
            annotation)
        .run();
  }

  private Run run(String runtime) {
    // crun takes no machine where both versions of cgroups have controllers
    String run =
        "if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi; exec "
            + (runtime.equals("crun") ? "crun --cgroup-manager=disabled" : "runc")
            + " run "
            + sandbox.directory().getFileName();
    return sandbox.command("unshare", "--mount", "sh", "-c", run).run();
  }
}
