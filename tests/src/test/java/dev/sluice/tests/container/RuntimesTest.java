package dev.sluice.tests.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Containers of runc(8) and crun(1), with a user namespace, that are started under the policy.
@NeedsRoot
final class RuntimesTest {
  private static final String CONFIG =
      """
      {
        "ociVersion": "1.0.2",
        "process": {
          "user": {"uid": 0, "gid": 0}, "cwd": "/", "env": ["PATH=/usr/bin"],
          "args": ["sh", "-c", "SCRIPT"],
          "capabilities": {
            "bounding": ["CAP_MKNOD"], "permitted": ["CAP_MKNOD"], "effective": ["CAP_MKNOD"]
          }
        },
        "root": {"path": "rootfs"},
        "mounts": [
          {"destination": "/proc", "type": "proc", "source": "proc"},
          {"destination": "/usr", "type": "none", "source": "/usr", "options": ["rbind", "ro"]}
        ],
        "linux": {
          "uidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}],
          "gidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}],
          "namespaces": [
            {"type": "pid"}, {"type": "mount"}, {"type": "ipc"}, {"type": "uts"}, {"type": "user"}
          ]
        }
      }
      """;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @ParameterizedTest
  @ValueSource(strings = {"runc", "crun"})
  void itsContainersMakeDevices(String runtime) {
    String name =
        prepare(
            runtime, "mknod /tmp/null c 1 3 && echo x >/tmp/null && stat -c '%F %t:%T' /tmp/null");
    Run natively = sandbox.shell(runtime + " run " + name).run();
    // what it says natively if it works: the container, not the runtime, is refused
    assumeTrue(
        natively.err().contains("Operation not permitted") && natively.err().contains("mknod"),
        () -> runtime + " is not installed, or starts no container here: " + natively.err());
    Run run =
        sandbox.command(runtime, "run", name).under(Project.policy("unprivileged-container")).run();

    assertThat(run.status()).as("%s", run).isZero();
    assertThat(run.out()).isEqualTo("character special file 1:3\n");
  }

  /// `runc init` is not dumpable, and looks at its descriptors in a /proc that is not ours.
  @ParameterizedTest
  @ValueSource(strings = {"runc", "crun"})
  void itsContainersStartWhereEveryOpenIsDecided(String runtime) {
    String name = prepare(runtime, "cd /proc/self/fd && ls -d 0 && cat /proc/uptime");
    Run natively = sandbox.shell(runtime + " run " + name).run();
    assumeTrue(
        natively.status() == 0,
        () -> runtime + " is not installed, or starts no container here: " + natively.err());
    Run run =
        sandbox.command(runtime, "run", name).under(Project.policy("container-resources")).run();

    assertThat(run.status()).as("%s", run).isZero();
    assertThat(run.lines()).hasSize(2).first().isEqualTo("0");
  }

  /// Returns the name of a container that runs a script.
  private String prepare(String runtime, String script) {
    String make =
        """
        mkdir -p rootfs/usr rootfs/proc rootfs/sys rootfs/dev rootfs/tmp
        for link in bin sbin lib lib64; do ln -s usr/$link rootfs/$link; done
        chown -R 100000:100000 rootfs
        """;
    sandbox.file("config.json", CONFIG.replace("SCRIPT", script));
    sandbox.shell(make).run().mustSucceed();
    return runtime + "-" + sandbox.directory().getFileName();
  }
}
