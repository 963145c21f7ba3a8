package dev.sluice.supervisor.audit.alert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.Records;
import dev.sluice.supervisor.audit.log.LineReader;
import dev.sluice.supervisor.audit.log.LogLine;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WebhookTargetTest {
  /// Answers one request a connection, with one status after the other, and then 200.
  private static final class Receiver implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    private final BlockingQueue<String> bodies = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> heads = new LinkedBlockingQueue<>();
    private final Queue<Integer> statuses;

    Receiver(Integer... statuses) throws IOException {
      this.statuses = new ArrayDeque<>(List.of(statuses));
      Thread.ofVirtual().start(this::serve);
    }

    private void serve() {
      while (!server.isClosed()) {
        try (var connection = server.accept()) {
          var in = new DataInputStream(connection.getInputStream());
          var head = new StringBuilder();
          while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readByte());
          }
          String length = head.toString().replaceFirst("(?is).*content-length: (\\d+).*", "$1");
          String body = new String(in.readNBytes(Integer.parseInt(length)), StandardCharsets.UTF_8);
          Integer status = statuses.poll();
          String answer = "HTTP/1.1 " + (status == null ? 200 : status) + " x\r\n";
          connection
              .getOutputStream()
              .write(
                  (answer + "Content-Length: 0\r\nConnection: close\r\n\r\n")
                      .getBytes(StandardCharsets.US_ASCII));
          heads.add(head.toString());
          bodies.add(body);
        } catch (IOException e) {
          // the client gave up, or the test is over
        }
      }
    }

    AlertSink sink() {
      var url = URI.create("http://127.0.0.1:" + server.getLocalPort() + "/hook?key=secret");
      var sink = new AlertSink(new WebhookTarget(url));
      sink.begin(Records.SESSION);
      return sink;
    }

    String next() throws InterruptedException {
      String body = bodies.poll(60, TimeUnit.SECONDS);
      if (body == null) {
        throw new AssertionError("nothing was posted");
      }
      return body;
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }

  private static AuditRecord alert(long sequence) {
    byte[] odd = {'/', '\n', 0x1b, (byte) 0xff};
    return Records.alerting(Records.denied(sequence, "a\n", odd));
  }

  @Test
  void anAlertIsPostedAsJson() throws Exception {
    try (var receiver = new Receiver();
        var sink = receiver.sink()) {
      sink.write(alert(1));
      String body = receiver.next();
      assertThat(receiver.heads.take())
          .startsWith("POST /hook?key=secret HTTP/1.1\r\n")
          .contains("Content-Type: application/json\r\n");
      assertThat(body).startsWith("[{").endsWith("}]");
      assertThat(body.chars()).allMatch(c -> c >= ' ' && c < 0x7f);
      assertThat(LineReader.read(body.substring(1, body.length() - 1)))
          .isEqualTo(new LogLine.Call("5e551", alert(1)));
    }
  }

  @Test
  void whatFailsIsPostedAgain() throws Exception {
    try (var receiver = new Receiver(503, 429, 500)) {
      try (var sink = receiver.sink()) {
        sink.write(alert(1));
        String first = receiver.next();
        for (int i = 0; i < 3; i++) {
          assertThat(receiver.next()).startsWith(first.substring(0, first.length() - 1));
        }
      }
      assertThat(receiver.bodies).isEmpty();
    }
  }

  @Test
  void whatIsNotWantedIsGivenUp() throws Exception {
    try (var receiver = new Receiver(400);
        var sink = receiver.sink()) {
      sink.write(alert(1));
      assertThat(receiver.next()).contains("\"seq\":1,");
      sink.write(alert(2));
      assertThat(receiver.next()).contains("\"seq\":2,").doesNotContain("\"seq\":1,");
    }
  }

  @Test
  void theEndWaitsForWhatIsLeft() throws Exception {
    try (var receiver = new Receiver()) {
      try (var sink = receiver.sink()) {
        for (int i = 1; i <= 50; i++) {
          sink.write(alert(i));
        }
      }
      assertThat(String.join("", receiver.bodies)).contains("\"seq\":1,").contains("\"seq\":50,");
    }
  }
}
