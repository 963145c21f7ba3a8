package dev.sluice.supervisor.target;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RemainingPathTest {
  private static final Map<String, String> LINKS =
      Map.of("l", "x/y", "s", "x/", "r", "/", "c", "d/l", "d", "e//l");

  /// Each component with what is known behind it: a slash, and that it is the last.
  @ParameterizedTest
  @CsvSource({
    "'', '', false",
    "/, '', true",
    "a, a!, false",
    "a/, a/!, true",
    "//a//b, a/ b!, false",
    "a/b///, a/ b/!, true",
    "l, l! x/ y!, false",
    "l/, l/! x/ y/!, true",
    "l//z, l/ x/ y/ z!, false",
    "s, s! x/!, true",
    "s/, s/! x/!, true",
    "s/z, s/ x/ z!, false",
    "r, r! , true",
    "r/z, r/ z!, false",
    "c/, c/! d/ e/ l/ x/ y/ l/! x/ y/!, true",
    "c/z, c/ d/ e/ l/ x/ y/ l/ x/ y/ z!, false",
  })
  void itIsWalkedAsIfTheTextsWereJoined(String path, String steps, boolean slashAtEnd) {
    var rest = new RemainingPath(path.getBytes(US_ASCII), 8);
    var seen = new StringBuilder();
    boolean slash = rest.skipSlashes();
    while (!rest.isAtEnd()) {
      String name = new String(rest.next(), US_ASCII);
      seen.append(name).append(rest.isSlash() ? "/" : "").append(rest.isLast() ? "! " : " ");
      if (LINKS.containsKey(name)) {
        rest.follow(LINKS.get(name).getBytes(US_ASCII));
      }
      slash = rest.skipSlashes();
    }
    assertThat(seen.toString().strip()).isEqualTo(steps);
    assertThat(slash).isEqualTo(slashAtEnd);
  }

  /// With two thousand components behind each link.
  @Test
  void asManyAndAsLongTextsAsTheKernelFollowsAreWalked() {
    byte[] text = new byte[4094];
    Arrays.fill(text, (byte) '.');
    for (int i = 1; i < text.length; i += 2) {
      text[i] = '/';
    }
    var rest = new RemainingPath(text, 40);
    int components = 0;
    int links = 0;
    rest.skipSlashes();
    while (!rest.isAtEnd()) {
      rest.next();
      components++;
      if (links < 40) {
        links++;
        rest.follow(text);
      }
      rest.skipSlashes();
    }
    assertThat(components).isEqualTo(41 * (text.length / 2));
  }
}
