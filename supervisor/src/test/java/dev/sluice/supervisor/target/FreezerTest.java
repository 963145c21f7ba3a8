package dev.sluice.supervisor.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreezerTest {
  @TempDir Path root;

  @Test
  void aTaskIsFrozenWithAnyGroupAboveIt() throws IOException {
    group("a", 0);
    group("a/b", 0);
    group("a/b/c", 0);
    assertThat(holds("/a/b/c")).isFalse();
    group("a", 1);
    assertThat(holds("/a/b/c")).isTrue();
    assertThat(holds("/a")).isTrue();
    group("a", 0);
    group("a/b/c", 1);
    assertThat(holds("/a/b/c")).isTrue();
    assertThat(holds("/a/b")).isFalse();
  }

  @Test
  void whoIsInTheRootOrNowhereIsNot() throws IOException {
    group(".", 1);
    assertThat(holds("/")).isFalse();
    assertThat(holds("/gone")).isFalse();
    assertThat(holds("/../elsewhere")).isFalse();
    assertThat(holdsMember("1:freezer:/a\n")).isFalse();
  }

  private boolean holds(String group) {
    return holdsMember("12:devices:/\n0::" + group + "\n");
  }

  private boolean holdsMember(String memberships) {
    var cgroups = Cgroups.parse("30 24 0:26 / " + root + " rw,relatime - cgroup2 cgroup2 rw\n");
    return Freezer.holds(cgroups, memberships);
  }

  private void group(String name, int freeze) throws IOException {
    Path group = Files.createDirectories(root.resolve(name));
    Files.writeString(group.resolve("cgroup.freeze"), freeze + "\n");
  }
}
