package dev.sluice.supervisor.audit.notice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.Records;
import dev.sluice.supervisor.audit.log.LineReader;
import dev.sluice.supervisor.audit.log.LogLine;
import dev.sluice.supervisor.audit.notice.NoticeSink.Scope;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  /// After ten seconds.
  @Test
  void whatIsNotAnsweredToItsEndIsPostedAgain() throws Exception {
    try (var receiver = new HttpReceiver(-200);
        var sink = sink(receiver)) {
      sink.write(alert(1));
      assertThat(receiver.next()).contains("\"seq\":1,");
      assertThat(receiver.next()).contains("\"seq\":1,");
    }
  }

  @Test
  void whoAnswersAtLengthHasBeenToldAllTheSame() throws Exception {
    try (var receiver = new HttpReceiver()) {
      receiver.answer = "thank you ".repeat(100_000);
      try (var sink = sink(receiver)) {
        sink.write(alert(1));
        assertThat(receiver.next()).contains("\"seq\":1,");
        sink.write(alert(2));
        assertThat(receiver.next()).contains("\"seq\":2,").doesNotContain("\"seq\":1,");
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

  /// Most clients would get the other page, and take that for a yes.
  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void whatLeadsElsewhereIsNoYes(int status) throws Exception {
    try (var receiver = new HttpReceiver(status, status);
        var webhook = new WebhookTarget(receiver.url("/hook"));
        var collector = new OtlpTarget(receiver.url("/v1/logs"), Map.of())) {
      for (NoticeTarget target : List.of(webhook, collector)) {
        assertThatThrownBy(() -> target.deliver(List.of(Notice.of(Records.SESSION, alert(1)))))
            .isInstanceOf(NoticeTarget.RefusedException.class)
            .hasMessage("status " + status + ", which leads to \"/elsewhere\"");
        assertThat(receiver.heads.take()).startsWith("POST ");
      }
      assertThat(receiver.heads).isEmpty();
    }
  }

  @Test
  void theEndWaitsForWhatIsLeft() throws Exception {
    try (var receiver = new HttpReceiver()) {
      try (var sink = sink(receiver)) {
        sink.write(alert(1));
        // the client takes its time to start, and what is left has five seconds
        assertThat(receiver.next()).contains("\"seq\":1,");
        for (int i = 2; i <= 50; i++) {
          sink.write(alert(i));
        }
      }
      assertThat(String.join("", receiver.bodies)).contains("\"seq\":2,").contains("\"seq\":50,");
    }
  }
}
