package dev.sluice.supervisor.policy.condition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.supervisor.target.Text;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
  private static boolean matches(String pattern, String path) {
    return Glob.compile(pattern).matches(Text.of(path));
  }

  @ParameterizedTest
  @CsvSource({
    "/a/*, /a/b, true",
    "/a/*, /a/, true",
    "/a/*, /a/b/c, false",
    "/a/**, /a/b/c, true",
    "/a/**/b, /a/b, true",
    "/a/**/b, /a/x/y/b, true",
    "/a/**/b, /a/xb, false",
    "**/.env, /.env, true",
    "**/.env, /a/b/.env, true",
    "**/.env, /a/b.env, false",
    "**.key, /a/b.key, true",
    "/a/?, /a/b, true",
    "/a?b, /a/b, false",
    "/a/[b-d], /a/c, true",
    "/a/[!b-d], /a/c, false",
    "/a/[!b-d], /a//, false",
    "/a[^x]b, /a/b, false",
    "/a/[]x], /a/], true",
    "/a/[x-], /a/-, true",
    "'/a/{b,c{d,e}}', /a/ce, true",
    "'/a/{b,c{d,e}}', /a/c, false",
    "'/a{,/b}', /a, true",
    "/a/\\*, /a/*, true",
    "/a/\\*, /a/b, false",
    "/a/\\{b, /a/{b, true",
    "'/a/{x\\,y,z}', '/a/x,y', true",
    "'/a/{x\\}y,z}', '/a/x}y', true",
    "/a/[{]b, /a/{b, true",
    "'/a/{[,}],b}', '/a/,', true",
    "'/a/{[,}],b}', /a/}, true",
    "'/a/{[,}],b}', /a/b, true",
    "'/a/{[!]}x],b}', /a/}, false",
    "*, /a, false",
    "**, /a/b, true"
  })
  void starsStayWithinAComponentUnlessThereAreTwo(String pattern, String path, boolean expected) {
    assertThat(matches(pattern, path)).isEqualTo(expected);
  }

  @Test
  void aPatternMatchesBytesAndAnyOfThem() {
    var odd = new Text();
    odd.set(new byte[] {'/', 'a', '/', (byte) 0xff, '\n'});
    assertThat(Glob.compile("/a/??").matches(odd)).isTrue();
    assertThat(Glob.compile("/a/*").matches(odd)).isTrue();
    assertThat(matches("/\u00e4*", "/\u00e4b")).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "/a/[b, a [ has no ]",
    "'/a/{b,c', a { has no }",
    "/a/\\, there is nothing behind the last \\",
    "'{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}', its braces and ** stand for more than 64 patterns"
  })
  void whatIsNoPatternIsRefused(String pattern, String complaint) {
    assertThatThrownBy(() -> Glob.compile(pattern))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(complaint);
  }

  /// The matcher goes back as little as it can; a regular expression goes back as far as it must.
  @Test
  void itAgreesWithARegularExpression() {
    var random = new Random(7);
    int matched = 0;
    for (int i = 0; i < 20_000; i++) {
      String pattern = word(random, "aab/*?", 8).replaceAll("\\*\\*+", "**");
      String path = word(random, "aaab/", 10);
      // as in the pattern language, a directory may be missing between two slashes
      String regex =
          pattern
              .replace("/**/", "(/|/D/)")
              .replace("**", "D")
              .replace("*", "[^/]*")
              .replace("?", "[^/]")
              .replace("D", ".*");
      boolean expected = Pattern.compile(regex).matcher(path).matches();
      matched += expected ? 1 : 0;
      assertThat(matches(pattern, path)).as("%s %s", pattern, path).isEqualTo(expected);
    }
    assertThat(matched).isGreaterThan(500);
  }

  private static String word(Random random, String letters, int most) {
    var word = new StringBuilder();
    int length = random.nextInt(most + 1);
    for (int i = 0; i < length; i++) {
      word.append(letters.charAt(random.nextInt(letters.length())));
    }
    return word.toString();
  }

  @Test
  void aLongPathIsNoBurden() {
    String path = "/" + "a".repeat(4094);
    assertThat(path.getBytes(StandardCharsets.UTF_8)).hasSize(4095);
    assertThat(matches("**a**a**a**a**a**a**a**a**a**a**b", path)).isFalse();
    assertThat(matches("/*a*a*a*a*a*a*a*a*a*a*b", path)).isFalse();
  }
}
