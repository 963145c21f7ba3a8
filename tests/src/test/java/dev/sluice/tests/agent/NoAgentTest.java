package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The commands that ask an agent, where something else answers, or one that ends meanwhile.
final class NoAgentTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private Path socket() {
    return sandbox.path("other.sock");
  }

  /// What a command says that is answered so.
  private Run ask(String command, String answer) throws IOException {
    var words = new ArrayList<>(List.of(command.split(" ")));
    words.addAll(1, List.of("--control", socket().toString()));
    try (var listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listening.bind(UnixDomainSocketAddress.of(socket()));
      var answering = Thread.ofVirtual().start(() -> answer(listening, answer));
      Run run = sandbox.sluice(words.toArray(String[]::new)).run();
      answering.interrupt();
      return run;
    }
  }

  private static void answer(ServerSocketChannel listening, String answer) {
    try (var asked = listening.accept()) {
      asked.read(ByteBuffer.allocate(1 << 16)); // or it would be told that nobody has
      asked.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ps --json", "ps", "status --json", "top --looks 1", "kill x"})
  void anAnswerThatIsCutOffIsNone(String command) throws IOException {
    Run run = ask(command, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n[{\"id\":\"é");

    assertThat(run.err())
        .isEqualTo(
            "sluice: no agent answers at \""
                + socket()
                + "\": the answer was cut off; is it running?\n");
    assertThat(run.out()).isEmpty();
    assertThat(run.status()).isEqualTo(125);
  }

  @ParameterizedTest
  @CsvSource({
    "ps --json, {}, no JSON array",
    "ps, [1], no JSON object",
    "status, [], no JSON object",
    "status --json, [], no JSON object",
    "top --looks 1, {}, no JSON array",
    "drain, 1, no JSON object"
  })
  void whatElseAnswersIsNoAgent(String command, String body, String what) throws IOException {
    Run run = ask(command, "HTTP/1.1 200 OK\r\n\r\n" + body);

    assertThat(run.err())
        .isEqualTo(
            "sluice: no agent answers at \""
                + socket()
                + "\": what was said there is "
                + what
                + "\n");
    assertThat(run.out()).isEmpty();
    assertThat(run.status()).isEqualTo(125);
  }

  @ParameterizedTest
  @CsvSource({
    "<html>, the agent says: <html>",
    "'{\"message\":\"x\"}', 'the agent says: {\"message\":\"x\"}'",
    "'{\"error\":1', 'the agent says: {\"error\":1'",
    "'a\u001bb', 'the agent says: a\\x1bb'",
    "'{\"error\":\"a\\u001bb\\nc\"}', 'a\\x1bb\nc'"
  })
  void whatElseSaysNoIsQuoted(String body, String said) throws IOException {
    Run run = ask("ps", "HTTP/1.1 404 Not Found\r\n\r\n" + body);

    assertThat(run.err()).isEqualTo("sluice: " + said + "\n");
    assertThat(run.status()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ps", "status", "status --json"})
  void whatIsNoJsonIsSaidInALine(String command) throws IOException {
    Run run = ask(command, "HTTP/1.1 200 OK\r\n\r\n<html>\n");

    assertThat(run.err())
        .matches(
            "sluice: no agent answers at \"[^\"]*\": what was said there is no JSON: [^\n]*\n");
    assertThat(run.status()).isEqualTo(125);
  }
}
