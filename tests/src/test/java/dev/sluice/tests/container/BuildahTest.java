package dev.sluice.tests.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// buildah(1) in an unprivileged container: it builds an image from nothing, changes it, makes a
/// device in it, and commits that.
@NeedsRoot
final class BuildahTest {
  private static final String SCRIPT =
      """
      set -e
      mkdir -p /tmp/image /run/lock /var/tmp
      cd /tmp/image
      cp /usr/bin/true .
      printf 'FROM scratch\\nCOPY true /true\\n' >Dockerfile
      buildah() { command buildah --storage-driver "$0" "$@"; }
      buildah bud --quiet --isolation chroot --tag first . >/dev/null
      container=$(buildah from first)
      place=$(buildah mount $container)
      mknod "$place/null" c 1 3
      echo x >"$place/null"
      stat -c '%F %t:%T' "$place/null"
      umount "$place/null" 2>/dev/null || true # one that is mounted is in the way of others
      rm "$place/true"
      buildah umount $container >/dev/null
      buildah commit --quiet $container second >/dev/null
      buildah images --format '{{.Name}}' | sort
      """;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @ParameterizedTest
  @ValueSource(strings = {"vfs", "overlay"})
  void imagesAreBuiltInAContainer(String driver) {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/buildah")), "buildah is not installed");
    Run run =
        sandbox
            .container("bash", "-c", SCRIPT, driver)
            .under(Project.policy("unprivileged-container"))
            .run();

    assertThat(run.lines())
        .as("%s", run)
        .containsExactly("character special file 1:3", "localhost/first", "localhost/second");
  }
}
