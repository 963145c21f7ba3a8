package dev.sluice.supervisor.policy.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.policy.PolicyException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// Comments stay with what they stood with, wherever that is.
class CommentedPolicyTest {
  private static final int SEEDS = 200;

  @Test
  void commentsAreKeptAndTheFormIsFinal() throws PolicyException {
    for (int seed = 0; seed < SEEDS; seed++) {
      String text = new CommentedPolicy(seed).text();
      for (String written :
          List.of(text, text.replaceFirst("\n$", ""), text.replace("\n", "\r\n"))) {
        String formatted = formatted(seed, written);
        assertThat(CommentedPolicy.commentsIn(formatted))
            .as("seed %d:%n%s", seed, written)
            .isEqualTo(CommentedPolicy.commentsIn(written));
      }
    }
  }

  @Test
  void commentsFollowTheirKeys() throws PolicyException {
    for (int seed = 0; seed < SEEDS; seed++) {
      var policy = new CommentedPolicy(seed);
      String shuffled = policy.shuffled();
      String formatted = formatted(seed, shuffled);
      // where blank lines are a part of a text, they are of another in another order
      if (!policy.keepsBlanks()) {
        assertThat(withoutBlankLines(formatted))
            .as("seed %d:%n%s", seed, shuffled)
            .isEqualTo(withoutBlankLines(format(policy.text())));
      }
    }
  }

  /// The text in its form, which is the same policy and does not change any more.
  private static String formatted(int seed, String text) throws PolicyException {
    String formatted = format(text);
    assertThat(format(formatted)).as("seed %d:%n%s", seed, text).isEqualTo(formatted);
    assertThat(value(formatted)).as("seed %d:%n%s", seed, text).isEqualTo(value(text));
    return formatted;
  }

  private static List<String> withoutBlankLines(String text) {
    return text.lines().filter(line -> !line.isBlank()).toList();
  }

  private static String format(String text) throws PolicyException {
    return PolicyFormatter.format("p.yaml", text);
  }

  private static Object value(String text) {
    return new Load(LoadSettings.builder().build()).loadFromString(text);
  }
}
