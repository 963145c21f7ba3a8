package dev.sluice.supervisor.audit.notice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.Records;
import dev.sluice.supervisor.audit.log.LineReader;
import dev.sluice.supervisor.audit.log.LogLine;
import dev.sluice.supervisor.audit.notice.NoticeSink.Scope;
import org.junit.jupiter.api.Test;

class WebhookTargetTest {
  private static NoticeSink sink(HttpReceiver receiver) {
    var sink = new NoticeSink(new WebhookTarget(receiver.url("/hook?key=secret")), Scope.ALERTS);
    sink.begin(Records.SESSION);
    return sink;
  }

  private static AuditRecord alert(long sequence) {
    byte[] odd = {'/', '\n', 0x1b, (byte) 0xff};
    return Records.alerting(Records.denied(sequence, "a\n", odd));
  }

  @Test
  void anAlertIsPostedAsJson() throws Exception {
    try (var receiver = new HttpReceiver();
        var sink = sink(receiver)) {
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
    try (var receiver = new HttpReceiver(503, 429, 500)) {
      try (var sink = sink(receiver)) {
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
    try (var receiver = new HttpReceiver(400);
        var sink = sink(receiver)) {
      sink.write(alert(1));
      assertThat(receiver.next()).contains("\"seq\":1,");
      sink.write(alert(2));
      assertThat(receiver.next()).contains("\"seq\":2,").doesNotContain("\"seq\":1,");
    }
  }

  @Test
  void theEndWaitsForWhatIsLeft() throws Exception {
    try (var receiver = new HttpReceiver()) {
      try (var sink = sink(receiver)) {
        for (int i = 1; i <= 50; i++) {
          sink.write(alert(i));
        }
      }
      assertThat(String.join("", receiver.bodies)).contains("\"seq\":1,").contains("\"seq\":50,");
    }
  }
}
