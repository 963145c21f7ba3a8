package dev.sluice.tests.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `sluice run --alert`: whoever is to know is told, and the command does not wait for it.
final class AlertsTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private Path policy() {
    return sandbox.policy(
        """
        - name: secrets
          on: "@open"
          when: path.under("%s/secret")
          deny: EACCES
          audit: alert
        """
            .formatted(sandbox.directory()));
  }

  @Test
  void alertsAndLogsArriveBeforeTheCommandIsOver() throws IOException {
    var posted = new ConcurrentLinkedDeque<String>();
    Queue<String> logs = new ConcurrentLinkedQueue<>();
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/hook", exchange -> keep(exchange, posted, "told-alert"));
    server.createContext("/v1/logs", exchange -> keep(exchange, logs, "told-logs"));
    server.start();
    String url = "http://127.0.0.1:" + server.getAddress().getPort();
    try {
      sandbox.file("secret/first", "k");
      sandbox.file("secret/last", "k");
      // what tells of them starts with the first, and has but seconds at the end: it is waited for
      Run run =
          sandbox
              .shell(
                  """
                  cat secret/first
                  until [ -e told-alert ] && [ -e told-logs ]; do sleep 0.1; done
                  cat /etc/hostname secret/last
                  """)
              .under(policy())
              .option("--alert", url + "/hook", "--audit", "otlp:" + url)
              .run();
      assertThat(run.err()).contains("Permission denied");
      assertThat(posted.getLast()).contains("\"rule\":\"secrets\"").contains("secret/last");
      assertThat(String.join("", logs))
          .contains("/etc/hostname")
          .contains("\"eventName\":\"sluice.alert\"");
    } finally {
      server.stop(0);
    }
  }

  /// @param told a file that is there once something was kept
  private void keep(HttpExchange exchange, Queue<String> bodies, String told) throws IOException {
    bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    sandbox.file(told, "");
    exchange.sendResponseHeaders(200, -1);
    exchange.close();
  }

  @Test
  void whatCouldNotBeToldIsSaid() {
    sandbox.file("secret/key", "k");
    Run run =
        sandbox
            .command("cat", "secret/key")
            .under(policy())
            .option("--alert", "journald:" + sandbox.path("nobody"))
            .run();
    assertThat(run.err())
        .contains("Permission denied")
        .contains(
            "the journal: 1 alerts were not told: sendmsg \""
                + sandbox.path("nobody")
                + "\": ENOENT");
  }

  /// What the JDK's HTTP client throws then has no message.
  @Test
  void whereNobodyListensIsSaid() {
    sandbox.file("secret/key", "k");
    Run run =
        sandbox
            .command("cat", "secret/key")
            .under(policy())
            .option("--alert", "http://127.0.0.1:1/")
            .run();
    assertThat(run.err())
        .contains(": 1 alerts were not told: java.net.ConnectException")
        .doesNotContain("null");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "mail:root | --alert takes journald:, syslog: or a URL such as https://host/path, not"
            + " 'mail:root'",
        "https: | --alert: 'https:' is no URL: Expected scheme-specific part",
        "http:/hook | --alert: 'http:/hook' is no URL such as https://host/path",
        "http://a:99999/ | --alert: 'http://a:99999/' is no URL such as https://host/path",
      })
  void aWrongAddressIsExplained(String whom, String error) {
    Run run = sandbox.command("touch", "made").under(policy()).option("--alert", whom).run();
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).isEqualTo("sluice: " + error + "\n");
    assertThat(sandbox.path("made")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"X Y=z, X Y", "X-Y=a%0Ab, X-Y", "Host=a, Host"})
  void aHeaderThatCannotBeSetIsExplained(String headers, String name) {
    Run run =
        sandbox
            .command("touch", "made")
            .under(policy())
            .option("--audit", "otlp:http://127.0.0.1:9")
            .environment("OTEL_EXPORTER_OTLP_HEADERS", headers)
            .run();
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            "sluice: OTEL_EXPORTER_OTLP_HEADERS: \""
                + name
                + "\" with this value is no header of HTTP that can be set\n");
    assertThat(sandbox.path("made")).doesNotExist();
  }
}
