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

  /// crun knows an annotation that does what listenerPath does.
  @ParameterizedTest
  @CsvSource({"runc, ''", "crun, ''", "crun, run.oci.seccomp.receiver"})
  void aContainerMakesDevices(String runtime, String annotation) {
    assumeTrue(
        Files.isExecutable(Path.of("/usr/bin", runtime))
            || Files.isExecutable(Path.of("/usr/sbin", runtime)),
        runtime + " is not installed");
    Path policy = Project.policy("unprivileged-container");
    Path socket = sandbox.path("agent.sock");
    try (Running agent =
        sandbox
            .command(
                Project.SCRIPT.toString(),
                "agent",
                "--policy",
                policy.toString(),
                "--socket",
                socket.toString())
            .environment("SLUICE_LOG", "info")
            .start()) {
      agent.awaitError("listening at " + socket);
      sandbox
          .command(
              "sh",
              "-c",
              "\"$0\" policy compile --format oci --output profile.json \"$1\" && python3 \"$2\" ."
                  + " \"$3\" \"$4\" $5",
              Project.SCRIPT.toString(),
              policy.toString(),
              BUNDLE.toString(),
              socket.toString(),
              SCRIPT,
              annotation)
          .run();

      // crun takes no machine where both versions of cgroups have controllers
      String run =
          "if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi; exec "
              + (runtime.equals("crun") ? "crun --cgroup-manager=disabled" : "runc")
              + " run "
              + sandbox.directory().getFileName();
      Run container = sandbox.command("unshare", "--mount", "sh", "-c", run).run();

      assertThat(container.lines())
          .as(container.toString())
          .containsExactly("character special file 1:3 0", "  \\0  \\0  \\0", "no memory");
      agent.awaitError("its last process has ended");
    }
  }
}
