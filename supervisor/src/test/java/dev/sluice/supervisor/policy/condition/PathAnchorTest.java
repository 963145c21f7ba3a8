package dev.sluice.supervisor.policy.condition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.supervisor.target.Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PathAnchorTest {
  private Path real;
  private Path link;

  @BeforeEach
  void makeALink(@TempDir Path directory) throws IOException {
    Path root = directory.toRealPath();
    real = Files.createDirectory(root.resolve("real[1]"));
    link = Files.createSymbolicLink(root.resolve("link"), real);
  }

  @Test
  void aDirectoryBehindALinkIsNamedByItsRealPath() {
    assertThat(PathAnchor.directory(link.toString(), "/")).isEqualTo(real.toString());
    assertThat(PathAnchor.directory(link + "/not/there/", "/")).isEqualTo(real + "/not/there");
    assertThat(PathAnchor.directory("~", link.toString())).isEqualTo(real.toString());
    assertThat(PathAnchor.directory("~/x", link.toString())).isEqualTo(real + "/x");
    assertThat(PathAnchor.directory("/", "/home/me")).isEqualTo("/");
  }

  /// Where another root has a directory of that name.
  @Test
  void itIsAlsoNamedAsItIsWritten() {
    assertThat(PathAnchor.directories(link + "/x", "/")).containsExactly(link + "/x", real + "/x");
    assertThat(PathAnchor.directories(real + "/./x/", "/")).containsExactly(real + "/x");
    assertThat(matches(link + "/*.key", "/", link + "/a.key")).isTrue();
    assertThat(matches("~/*", link.toString(), link + "/a")).isTrue();
  }

  @Test
  void aPatternBehindALinkMatchesWhatIsReallyThere() {
    assertThat(matches(link + "/*.key", "/", real + "/a.key")).isTrue();
    assertThat(matches(link + "/**", "/", real + "/a/b")).isTrue();
    assertThat(matches(link + "/**", "/", real.resolveSibling("real1") + "/a")).isFalse();
    assertThat(matches(link + "/exact", "/", real + "/exact")).isTrue();
    assertThat(matches("~/*", link.toString(), real + "/a")).isTrue();
  }

  /// The brackets are the directory's, not the pattern's.
  @Test
  void whatHomeIsCalledIsNoPattern() {
    assertThat(matches("~/*", real.toString(), real + "/a")).isTrue();
    assertThat(matches("~/*", real.toString(), real.resolveSibling("real1") + "/a")).isFalse();
  }

  @Test
  void aPatternForAnyDirectoryStaysAsItIs() {
    assertThat(PathAnchor.patterns("**/.env", "/home/me")).containsExactly("**/.env");
    assertThat(PathAnchor.patterns("/*", "/home/me")).containsExactly("/*");
  }

  @Test
  void aRelativePathIsRefused() {
    assertThatThrownBy(() -> PathAnchor.directory("a", "/"))
        .hasMessageStartingWith("'a' must begin");
    assertThatThrownBy(() -> PathAnchor.patterns("*/a", "/"))
        .hasMessageStartingWith("'*/a' must begin");
  }

  private static boolean matches(String pattern, String home, String path) {
    return PathAnchor.patterns(pattern, home).stream()
        .anyMatch(each -> Glob.compile(each).matches(Text.of(path)));
  }
}
