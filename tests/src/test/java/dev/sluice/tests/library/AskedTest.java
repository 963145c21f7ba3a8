package dev.sluice.tests.library;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.Sluice;
import dev.sluice.supervisor.handler.Asker;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `ask:` asks whom the program has named, and remembers for what.
final class AskedTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  /// What `script` makes the asker be asked. The answer is yes.
  private List<String> questions(String remember, String script) throws Exception {
    return questions(remember, script, Asker.Answer.YES);
  }

  private List<String> questions(String remember, String script, Asker.Answer answer)
      throws Exception {
    return questionsOf(
        "- {on: '@rename', ask: {timeout: 10s, otherwise: EACCES, remember: %s}}"
            .formatted(remember),
        script,
        answer);
  }

  private List<String> questionsOf(String rule, String script, Asker.Answer answer)
      throws Exception {
    Path policy = sandbox.policy(rule);
    var questions = new CopyOnWriteArrayList<String>();
    try (var sluice =
        Sluice.policy(policy)
            .asker((question, _) -> {
              questions.add(question);
              return answer;
            })
            .open()) {
      Process child =
          sluice.start(
              new ProcessBuilder("sh", "-e", "-c", script)
                  .directory(sandbox.directory().toFile())
                  .inheritIO());
      assertThat(child.waitFor()).isZero();
    }
    return questions;
  }

  @Test
  void theSameIsAskedOnce() throws Exception {
    assertThat(questions("path", "touch a; mv a b; mv b a; mv a b")).hasSize(2);
  }

  @Test
  void noAnswerIsNotRemembered() throws Exception {
    String script = "touch a; ! mv a b; ! mv a b";
    assertThat(questions("path", script, Asker.Answer.NO)).hasSize(1);
    assertThat(questions("path", script, Asker.Answer.NONE)).hasSize(2);
  }

  /// Or who may give a file one name may give it any.
  @Test
  void bothPathsAreRemembered() throws Exception {
    assertThat(questions("path", "touch a; mv a b; touch a; mv a c")).hasSize(2);
  }

  @Test
  void bothDirectoriesAreRemembered() throws Exception {
    String script =
        """
        mkdir d e
        touch a b c
        mv a d/; mv b d/; mv c e/
        """;
    assertThat(questions("directory", script))
        .filteredOn(q -> q.contains("/d/") || q.contains("/e/"))
        .hasSize(2);
  }

  /// No names can be chosen so that they look like two others.
  @Test
  void whatIsRememberedIsNotAmbiguous() throws Exception {
    String blanks =
        """
        mkdir -p "a $PWD" "b $PWD"
        touch a "a $PWD/b"
        mv "a $PWD/b" c
        mv a "b $PWD/c"
        """;
    assertThat(questions("path", blanks)).hasSize(2);
    String escapes =
        """
        name="$(printf 'n\\n_')"
        touch "$name" 'n\\x0a_'
        mv 'n\\x0a_' m; rm m
        mv "$name" m
        """;
    assertThat(questions("path", escapes)).hasSize(2);
  }

  @Test
  void nothingIsRememberedWhereNothingIsToBe() throws Exception {
    assertThat(questions("nothing", "touch a; mv a b; rm b; touch a; mv a b")).hasSize(2);
  }

  /// Who is asked for a look at a file gives nothing else away.
  @Test
  void aYesToReadIsNoneToWrite() throws Exception {
    sandbox.file("secret", "old");
    String rule =
        "- {on: '@open', when: path == '%s', ask: {timeout: 10s, remember: path}}"
            .formatted(sandbox.path("secret"));
    assertThat(questionsOf(rule, "cat secret; cat secret; : >secret", Asker.Answer.YES))
        .satisfiesExactly(
            read -> assertThat(read).endsWith(" to read " + sandbox.path("secret") + "?"),
            write -> assertThat(write).endsWith(" to write " + sandbox.path("secret") + "?"));
  }

  @Test
  void whoIsAskedSeesTheAddress() throws Exception {
    String rule = "- {on: '@connect', when: address.port > 0, ask: {timeout: 10s, remember: path}}";
    String script =
        """
        python3 - <<'END'
        import socket
        for address in ("127.0.0.1", 9), ("127.0.0.1", 9), ("127.0.0.2", 9):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.connect(address)
        END
        """;
    assertThat(questionsOf(rule, script, Asker.Answer.YES))
        .satisfiesExactly(
            first -> assertThat(first).endsWith("connect 127.0.0.1:9?"),
            second -> assertThat(second).endsWith("connect 127.0.0.2:9?"));
  }
}
