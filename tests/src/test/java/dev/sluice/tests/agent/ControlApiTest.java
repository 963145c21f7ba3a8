package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import dev.sluice.agent.control.ControlClient;
import dev.sluice.agent.control.ControlClient.Reply;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// `src/openapi/control.yaml` against the server it describes.
final class ControlApiTest {
  private static final Path DOCUMENT = Project.ROOT.resolve("src/openapi/control.yaml");
  private static final String QUESTION = "{\"call\": \"getppid\"}";

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private final Map<?, ?> document = load();
  private Agent agent;
  private Running container;
  private ControlClient client;

  private static Map<?, ?> load() {
    try {
      var settings = LoadSettings.builder().build();
      return map(new Load(settings).loadFromString(Files.readString(DOCUMENT)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @BeforeEach
  void start() {
    agent =
        Agent.start(
            sandbox,
            "--policy",
            sandbox.policy("- {name: parent, on: getppid, return: 4711}").toString());
    container = agent.container("a-container", "", "", "getppid,mkdir");
    Agent.say(container, "getppid");
    client = new ControlClient(agent.control());
  }

  @AfterEach
  void end() {
    agent.close();
  }

  @Test
  void everyOperationAnswersAsTheDocumentSays() throws IOException {
    // 'a-cont' is two, then
    agent.container("a-contest", "", "", "getppid");
    int asked = 0;
    for (Map.Entry<?, ?> path : map(document.get("paths")).entrySet()) {
      for (Map.Entry<?, ?> operation : map(path.getValue()).entrySet()) {
        String method = operation.getKey().toString();
        // these end what the others ask about
        if (!method.equals("parameters") && !path.getKey().toString().matches(".*(kill|drain)")) {
          check(method, path.getKey().toString(), map(operation.getValue()));
          asked++;
        }
      }
    }
    check("post", "/v1/drain", operation("/v1/drain"));
    check("post", "/v1/containers/{id}/kill", operation("/v1/containers/{id}/kill"));
    assertThat(asked).isGreaterThan(12);
  }

  private Map<?, ?> operation(String path) {
    return map(map(map(document.get("paths")).get(path)).get("post"));
  }

  private void check(String method, String template, Map<?, ?> operation) throws IOException {
    if (template.contains("{id}")) {
      Reply none = ask(method, template.replace("{id}", "another"));
      assertThat(none.status()).isEqualTo(404);
      validate(method, template, operation, none);
      Reply two = ask(method, template.replace("{id}", "a-cont"));
      assertThat(two.status()).isEqualTo(409);
      validate(method, template, operation, two);
    }
    assertThat(map(map(operation.get("responses")).get("default")).get("$ref"))
        .as("what else %s %s may say", method, template)
        .isEqualTo("#/components/responses/Error");
    Reply good = ask(method, template.replace("{id}", "a-container"));
    validate(method, template, operation, good);
    assertThat(good.isGood()).as("%s %s: %s", method, template, good).isTrue();
  }

  private Reply ask(String method, String path) throws IOException {
    return switch (method) {
      case "get" -> client.get(path);
      case "delete" -> client.delete(path);
      default -> client.post(path, path.endsWith("explain") ? QUESTION : "");
    };
  }

  private void validate(String method, String template, Map<?, ?> operation, Reply reply) {
    String where = "/paths/" + template.replace("/", "~1") + "/" + method + "/responses/";
    Object said = map(operation.get("responses")).get("" + reply.status());
    assertThat(said).as("%s %s says %d", method, template, reply.status()).isNotNull();
    Object reference = map(said).get("$ref");
    String pointer = reference == null ? where + reply.status() : reference.toString().substring(1);
    Map<?, ?> response = reference == null ? map(said) : at(pointer);
    if (!map(response.get("content")).containsKey("application/json")) {
      return;
    }
    String schema = DOCUMENT.toUri() + "#" + pointer + "/content/application~1json/schema";
    var complaints =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
            .getSchema(SchemaLocation.of(schema))
            .validate(reply.body(), InputFormat.JSON);
    assertThat(complaints).as("%s %s: %s", method, template, reply.body()).isEmpty();
  }

  private Map<?, ?> at(String pointer) {
    Object found = document;
    for (String part : pointer.substring(1).split("/", -1)) {
      found = map(found).get(part);
    }
    return map(found);
  }

  private static Map<?, ?> map(Object value) {
    return (Map<?, ?>) Objects.requireNonNull(value);
  }

  @Test
  void whatTheDocumentDoesNotHaveIsRefused() throws IOException {
    assertThat(client.get("/v2/status").status()).isEqualTo(404);
    assertThat(client.post("/v1/status", "").status()).isEqualTo(405);
    assertThat(client.get("/v1/reload").status()).isEqualTo(405);
    assertThat(client.post("/v1/containers/a-container/explain", "{}").body())
        .isEqualTo("{\"error\":\"'call' is missing, the name of a system call\"}\n");
    assertThat(client.post("/v1/containers/a-container/pause", "").status()).isEqualTo(404);
    agent.container("a-contest", "", "", "getppid");
    assertThat(client.get("/v1/containers/a-cont").status()).isEqualTo(409);
  }

  @Test
  void metricsCountEveryCallAndEndWithTheContainer() {
    Agent.say(container, "many 9 getppid");

    // a call is counted once it has been answered
    var counts =
        List.of(
            "sluice_calls_total{container=\"a-container\",outcome=\"performed\",rule=\"parent\",syscall=\"getppid\"}"
                + " 10.0",
            "sluice_call_duration_seconds_count{container=\"a-container\"} 10",
            "sluice_call_duration_seconds_bucket{container=\"a-container\",le=\"+Inf\"} 10",
            "sluice_pending_calls{container=\"a-container\"} 0.0");
    agent.process().await("" + counts, () -> counts.stream().allMatch(metrics()::contains));
    assertThat(metrics())
        .contains("sluice_records_lost_total 0.0")
        .containsPattern("jvm_gc_collections_total\\{gc=\"[^\"]+\"} \\d+");
    container.closeInput();
    container.awaitStatus();
    agent.process().await("the end of its series", () -> !metrics().contains("a-container"));
    assertThat(metrics()).contains("sluice_containers 0.0");
  }

  private String metrics() {
    try {
      return client.get("/metrics").body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whoAsksForTooMuchOrTooSlowlyIsTurnedAway() throws IOException {
    assertThat(raw("POST /v1/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"))
        .startsWith("HTTP/1.1 413 ")
        .contains("\r\nconnection: close\r\n")
        .endsWith("\r\n\r\n{\"error\":\"a request has 64 KiB or less\"}\n");
    assertThat(raw("GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: more\r\n\r\n"))
        .startsWith("HTTP/1.1 417 ")
        .contains("\r\nconnection: close\r\n")
        .endsWith("\r\n\r\n{\"error\":\"nothing is expected but 100-continue\"}\n");
    assertThat(client.get("/v1/containers/%zz").status()).isEqualTo(400);
    assertThat(raw("GET /v1/status HTTP/1.1\r\nA: " + "b".repeat(10_000) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ");
    // two requests at once: one is answered
    String get = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    assertThat(raw(get + get)).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\nok\n");
    // the second is too long
    assertThat(raw(get + "POST /v1/reload HTTP/1.1\r\nContent-Length: 100000\r\n\r\n"))
        .startsWith("HTTP/1.1 200 ")
        .endsWith("\r\n\r\nok\n");
    // never whole
    assertThat(raw("GET /v1/status HTTP/1.1\r\nHost:")).isEmpty();
  }

  /// As RFC 9112, 3.2.2, demands of servers.
  @Test
  void theTargetMayNameTheHost() throws IOException {
    assertThat(client.get("http://sluice/v1/status").status()).isEqualTo(200);
    assertThat(client.get("HTTP://sluice:80/v1/status?x").status()).isEqualTo(200);
    assertThat(client.get("http://sluice").body()).isEqualTo("{\"error\":\"there is no /\"}\n");
  }

  /// As some clients do when they have asked (`nc -N`).
  @Test
  void whoSaysNoMoreIsAnswered() throws IOException {
    for (String path : List.of("/healthz", "/v1/status")) {
      assertThat(raw("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n", true))
          .startsWith("HTTP/1.1 200 ");
    }
    assertThat(raw("POST /v1/reload HTTP/1.1\r\nHost: x\r\n\r\n", true)).contains("\"epoch\":2");
    assertThat(raw("POST /v1/reload HTTP/1.1\r\nContent-Length: 9\r\n\r\n", true)).isEmpty();
    assertThat(raw("", true)).isEmpty();
    assertThat(client.get("/v1/status").body()).contains("\"epoch\":2");
  }

  private String raw(String request) throws IOException {
    return raw(request, false);
  }

  /// What comes until the agent closes the connection.
  ///
  /// @param only whether it says that nothing else comes
  private String raw(String request, boolean only) throws IOException {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(agent.control()));
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      if (only) {
        channel.shutdownOutput();
      }
      var answer = ByteBuffer.allocate(1 << 16);
      while (channel.read(answer) >= 0) {
        assertThat(answer.hasRemaining()).isTrue();
      }
      return new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
    }
  }

  /// Whoever is supervised cannot lift what it is under, though it runs as the same user.
  @Test
  void whoIsSupervisedMayNotAsk() {
    var words = List.of("/usr/bin/python3", "-c", asking());
    Path policy = sandbox.policy("- {on: getppid, return: 1}");

    assertThat(sandbox.command(words).run().out()).isEqualTo("HTTP/1.1 200 OK\n");
    assertThat(sandbox.command(words).under(policy).run().out())
        .isEqualTo("HTTP/1.1 403 Forbidden\n");
  }

  /// As what calls itself by a long name in another language than English may.
  @Test
  void whoseNameIsNoUtf8MayAsk() {
    String named = "open('/proc/self/comm', 'wb').write(b'half\\xc3'); " + asking();

    assertThat(sandbox.command("/usr/bin/python3", "-c", named).run().out())
        .isEqualTo("HTTP/1.1 200 OK\n");
  }

  private String asking() {
    String get = "GET /v1/status HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n";
    return "import socket; s = socket.socket(socket.AF_UNIX); s.connect('%s'); s.sendall(b'%s');"
            .formatted(agent.control(), get)
        + " print(s.recv(100).split(b'\\r')[0].decode())";
  }
}
