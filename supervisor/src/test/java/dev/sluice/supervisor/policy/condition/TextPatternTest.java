package dev.sluice.supervisor.policy.condition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.target.Text;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextPatternTest {
  @ParameterizedTest
  @CsvSource({
    "/, true",
    "/a, true",
    "/a/b, true",
    "/a/, false",
    "/a/bc, false",
    "/a/b/c, false",
    "/ab, false",
    "'', false"
  })
  void whatLiesAboveADirectoryIsADirectory(String path, boolean above) {
    assertThat(new TextPattern.Above(TextPattern.bytes("/a/b")).matches(Text.of(path)))
        .isEqualTo(above);
  }
}
