package dev.sluice.tests.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Layers of images that say by a device 0/0 what is gone (C01, C06): a container unpacks them, as
/// it does natively.
@NeedsRoot
final class WhiteoutsTest {
  /// A layer with the file `kept`, without `gone` of the one below, and both mounted.
  private static final String UNPACK =
      """
      set -e
      cd /tmp
      mkdir below layer place
      touch below/gone below/other
      python3 -c '
      import tarfile
      with tarfile.open("layer.tar", "w") as layer:
          gone = tarfile.TarInfo("gone")
          gone.type, gone.devmajor, gone.devminor = tarfile.CHRTYPE, 0, 0
          layer.addfile(gone)
          layer.addfile(tarfile.TarInfo("kept"))'
      tar -C layer -xpf layer.tar
      stat -c '%n %F %t:%T %u' layer/gone layer/kept
      mount -t overlay -o userxattr,lowerdir=layer:below none place
      ls place
      """;

  private static final List<String> UNPACKED =
      List.of(
          "layer/gone character special file 0:0 0",
          "layer/kept regular empty file 0:0 0",
          "kept",
          "other");

  private static final String PULL =
      """
      set -e
      mkdir -p /tmp/image /run/lock /var/tmp
      cd /tmp/image
      touch gone kept
      printf 'FROM scratch\\nCOPY gone kept /\\n' >Dockerfile
      buildah() { command buildah --storage-driver overlay "$@"; }
      buildah bud --quiet --isolation chroot --tag first . >/dev/null
      container=$(buildah from first)
      rm "$(buildah mount $container)/gone"
      buildah umount $container >/dev/null
      buildah commit --quiet $container second >/dev/null
      buildah push --quiet second docker-archive:/tmp/second.tar:second
      buildah rm --all >/dev/null
      buildah rmi --all --force >/dev/null
      ls "$(buildah mount $(buildah from docker-archive:/tmp/second.tar))"
      find /var/lib/containers -name gone -type c | wc -l
      """;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @ParameterizedTest
  @ValueSource(strings = {"unprivileged-container", "container-resources", "system-container"})
  void aLayerIsUnpacked(String policy) {
    Run run = sandbox.container("bash", "-c", UNPACK).under(Project.policy(policy)).run();

    assertThat(run.mustSucceed().lines()).isEqualTo(UNPACKED);
  }

  /// Whoever pretends to make devices makes these.
  @Test
  void whereOtherDevicesOnlySeemToBeMade() {
    String script = UNPACK.replace("cd /tmp", "cd " + sandbox.directory());
    Run run =
        sandbox
            .command("unshare", "--user", "--map-root-user", "--mount", "bash", "-c", script)
            .as(User.ORDINARY)
            .under(Project.policy("rootless-container"))
            .run();

    assertThat(run.mustSucceed().lines()).isEqualTo(UNPACKED);
  }

  @Test
  void buildahUnpacksOne() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/buildah")), "buildah is not installed");
    Run run =
        sandbox.container("bash", "-c", PULL).under(Project.policy("unprivileged-container")).run();

    assertThat(run.lines()).as("%s", run).containsExactly("kept", "1");
  }
}
