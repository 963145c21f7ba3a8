package dev.sluice.supervisor.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.policy.explain.DescribedTask;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is written in the file that a rule serves.
class TemplateTest {
  private static final DescribedTask TASK =
      DescribedTask.UNKNOWN
          .with("uid", "4294967294", "/")
          .with("gid", "100", "/")
          .with("pid", "7", "/")
          .with("tid", "8", "/")
          .with("comm", "sh", "/")
          .with("exe", "/no/exe", "/");

  private static Template parse(String text) {
    return Template.parse(text, Map.of("a", "A${b}", "b", "B"), Map.of("HOME", "/home/me"));
  }

  private static String filledIn(String text) {
    return new String(parse(text).bytesFor(TASK), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource({
    "'', ''",
    "plain, plain",
    "${vars.b}, B",
    "<${vars.b}${vars.b}>, <BB>",
    "${HOME}/x, /home/me/x",
    "${task.uid}:${task.gid}, 4294967294:100",
    "${task.pid}/${task.tid} ${task.comm} ${task.exe}, 7/8 sh /no/exe",
    "costs $5 and $, costs $5 and $",
    "$${HOME} $$, ${HOME} $$",
    "${vars.a}, A${b}",
    "é, é",
  })
  void namesStandForTheirValues(String text, String expected) {
    assertThat(filledIn(text)).isEqualTo(expected);
  }

  @Test
  void onlyFactsAboutTheCallerMakeADifferenceBetweenCallers() {
    assertThat(parse("${vars.b} ${HOME}").isConstant()).isTrue();
    assertThat(parse("${task.pid}").isConstant()).isFalse();
    assertThat(Template.of(new byte[] {0, '$', '{'}).isConstant()).isTrue();
  }

  @Test
  void whatIsShortIsShownAndWhatIsLongIsToldApart() {
    assertThat(parse("a\"\\\n")).hasToString("\"a\\\"\\\\\\n\"");
    assertThat(parse("pid ${task.pid}")).hasToString("\"pid ${task.pid}\"");
    assertThat(parse("é")).hasToString("2 bytes, CRC-32 0e048d3e");
    assertThat(parse("x".repeat(61)).toString())
        .startsWith("61 bytes, CRC-32 ")
        .isNotEqualTo(parse("x".repeat(60) + "y").toString());
  }
}
