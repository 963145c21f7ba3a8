package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Containers that podman(1) starts with a profile that names the agent.
@NeedsRoot
final class PodmanTest {
  private static final String ROOTFS =
      """
      cd rootfs 2>/dev/null || { mkdir rootfs && cd rootfs; }
      mkdir -p proc sys dev tmp usr etc run
      for name in bin lib lib64 sbin; do ln -sfn usr/$name $name; done
      """;

  private static final String PROFILE =
      """
      "$0" policy compile --format oci --output plain.json "$1" &&
      sed '1s|{|{"listenerPath": "'"$2"'", "listenerMetadata": "strict",|' plain.json >profile.json
      """;

  /// The host's /usr is that of the container, so that no image is needed. crun refuses a machine
  /// that has both versions of cgroups.
  private static final String RUN =
      """
      if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi
      exec podman --root "$PWD/storage" --runroot "$PWD/runroot" --storage-driver vfs \
        --cgroup-manager cgroupfs --runtime "$0" run --rm $1 --ulimit nofile=1024:1024 \
        --ulimit nproc=1024:1024 --network none --log-driver none -v /usr:/usr:ro \
        $2 --rootfs "$PWD/rootfs" sh -c "$3"
      """;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @ParameterizedTest
  @CsvSource({"runc, ''", "crun, --cgroups=disabled"})
  void aContainerIsDecidedByItsPolicy(String runtime, String options) {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/podman")), "podman is not installed");
    Path program =
        Path.of(Files.exists(Path.of("/usr/bin", runtime)) ? "/usr/bin" : "/usr/sbin", runtime);
    assumeTrue(Files.isExecutable(program), runtime + " is not installed");
    Path policy =
        sandbox.file(
            "policies/strict.yaml",
            """
            sluice: v1
            rules:
              - { on: [mkdir, mkdirat], when: 'path.glob("/tmp/secret*")', deny: EDQUOT }
            """);
    String script = "mkdir /tmp/secret-1; mkdir /tmp/open && stat -c %F /tmp/open";
    assumeTrue(
        run(program, options, "", "echo works").out().equals("works\n"),
        () -> "podman starts no container here with " + runtime);

    try (Agent agent = Agent.start(sandbox, "--policies", policy.getParent().toString())) {
      Run compiled =
          sandbox
              .command(
                  "sh",
                  "-c",
                  PROFILE,
                  sandbox.sluice().words().getFirst(),
                  policy.toString(),
                  agent.socket().toString())
              .run();
      assertThat(compiled.status()).as("%s", compiled).isZero(); // it may warn

      Run run = run(program, options, "--security-opt seccomp=profile.json", script);

      assertThat(run.out()).as("%s", run).isEqualTo("directory\n");
      assertThat(run.err())
          .contains("cannot create directory '/tmp/secret-1': Disk quota exceeded");
      agent.process().awaitError("policy strict (listenerMetadata)");
      agent.process().awaitError("its last process has ended");
    }
  }

  private Run run(Path runtime, String options, String security, String script) {
    sandbox.shell(ROOTFS).run().mustSucceed();
    return sandbox
        .command(
            "unshare", "--mount", "sh", "-c", RUN, runtime.toString(), options, security, script)
        .run();
  }
}
