package dev.sluice.supervisor.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextTest {
  @ParameterizedTest
  @CsvSource({
    "/a/b, /a, true",
    "/a/b, /b, false",
    "/a/b, /a/b, true",
    "/a/b, /a/b/c, false",
    "/a/b, '', true",
    "'', a, false",
    "aa, ba, false"
  })
  void beginsAsItsBytesDo(String text, String prefix, boolean expected) {
    assertThat(Text.of(text).startsWith(bytes(prefix))).isEqualTo(expected);
    assertThat(Text.of(reversed(text)).endsWith(bytes(reversed(prefix)))).isEqualTo(expected);
    assertThat(Text.of(text).equalTo(bytes(prefix))).isEqualTo(text.equals(prefix));
  }

  /// A text is used again and again, and may be looked at between any two changes.
  @Test
  void mayHaveEveryPairThatItHas() {
    var random = new Random(1);
    var text = new Text();
    int lacking = 0;
    for (int round = 0; round < 2_000; round++) {
      switch (random.nextInt(4)) {
        case 0 -> text.clear();
        case 1 -> text.set(random(random));
        case 2 -> text.truncate(random.nextInt(8));
        default -> text.append((char) ('a' + random.nextInt(26)));
      }
      for (int i = 1; i < text.length(); i++) {
        assertThat(text.mayHave(pair(text.at(i - 1), text.at(i)))).isTrue();
      }
      byte[] other = random(random);
      lacking += text.mayHave(pair(other[0], other[1])) ? 0 : 1;
    }
    assertThat(lacking).as("pairs that it is known not to have").isGreaterThan(1_500);
  }

  private static BytePairs pair(byte first, byte second) {
    var pair = new BytePairs();
    pair.add(first, second);
    return pair;
  }

  private static byte[] random(Random random) {
    byte[] bytes = new byte[2 + random.nextInt(10)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String reversed(String text) {
    return new StringBuilder(text).reverse().toString();
  }
}
