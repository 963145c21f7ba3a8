package dev.sluice.supervisor.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupsTest {
  /// `é`, `Å` and what is no UTF-8, as Latin-1: one of these bytes ends a line of Unicode.
  private static final List<String> NAMES = List.of("\u00c3\u00a9", "\u00c3\u0085", "\u00ff");

  @TempDir Path root;

  private Cgroups mountedAt(String place) {
    return Cgroups.parse("30 24 0:26 / " + place + " rw - cgroup2 cgroup2 rw\n");
  }

  /// By a shell, as Java makes files of such names in some locales only.
  private void make(String name, String limit) throws IOException, InterruptedException {
    String script =
        """
        group=$(printf "$1") && mkdir -p "$0/$group" && echo "$2" >"$0/$group/memory.max"
        """;
    var words = List.of("sh", "-c", script, root.toString(), name, limit);
    assertThat(new ProcessBuilder(words).inheritIO().start().waitFor()).isZero();
  }

  @Test
  void aNameIsAnyBytes() throws IOException, InterruptedException {
    make("\\303\\251", "1");
    make("\\303\\205", "2");
    make("\\377", "3");

    for (int i = 0; i < NAMES.size(); i++) {
      Cgroup group = mountedAt(root.toString()).unified("0::/" + NAMES.get(i) + "\n").orElseThrow();

      assertThat(group.lowest("memory.max").map(Cgroup.Limit::value)).hasValue(i + 1L);
    }
  }

  @Test
  void escapesOfMountinfoAreUndone() throws IOException, InterruptedException {
    make("a b/c", "4");
    String place = root + "/a\\040b";

    assertThat(mountedAt(place).unified("0::/c\n").flatMap(group -> group.lowest("memory.max")))
        .map(Cgroup.Limit::value)
        .hasValue(4L);
    assertThat(mountedAt("/\\134x\\012").unifiedMount()).hasValue(new CgroupDirectory("/\\x\n"));
  }

  @Test
  void theRootOfAMountIsWholeNames() {
    var cgroups = Cgroups.parse("30 24 0:26 /a " + root + " rw - cgroup2 cgroup2 rw\n");

    assertThat(cgroups.directory(Cgroups.UNIFIED, "0::/a/b\n"))
        .hasValue(new CgroupDirectory(root + "/b"));
    assertThat(cgroups.directory(Cgroups.UNIFIED, "0::/ab\n"))
        .isNotEqualTo(cgroups.directory(Cgroups.UNIFIED, "0::/a/b\n"));
    assertThat(new CgroupDirectory("/ab").isIn(new CgroupDirectory("/a"))).isFalse();
    assertThat(new CgroupDirectory("/a/b").isIn(new CgroupDirectory("/a"))).isTrue();
  }
}
