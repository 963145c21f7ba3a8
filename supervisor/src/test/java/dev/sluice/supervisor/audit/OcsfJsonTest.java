package dev.sluice.supervisor.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.audit.log.LineReader;
import dev.sluice.supervisor.audit.log.LogLine;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

class OcsfJsonTest {
  private final OcsfJson ocsf = new OcsfJson(Records.SESSION);

  /// JSON is YAML.
  private Object event(AuditRecord record) {
    return new Load(LoadSettings.builder().build()).loadFromString(ocsf.of(record));
  }

  @Test
  void aDeniedOpenIsAFileActivityThatWasBlocked() {
    AuditRecord record = Records.alerting(Records.denied(7, "/etc/shadow"));
    assertThat(ocsf.of(record))
        .startsWith(
            """
            {"category_uid":1,"class_uid":1001,"activity_id":2,"type_uid":100102,"time":0,\
            "severity_id":4,"metadata":{"version":"1.5.0","product":{"name":"Sluice",\
            "vendor_name":"Sluice"},"profiles":["host","security_control","container"],\
            "uid":"5e551:7","sequence":7},"device":{"hostname":"host","type_id":0,"os":{"name":"Linux",\
            "type_id":200}},"action_id":2,"disposition_id":2,"is_alert":true,"status_id":2,\
            "status_code":"EACCES","policy":{"name":"p","uid":"ab12","version":"1",\
            "desc":"rule 'no secrets': deny"},"actor":{"process":{"tid":12,"pid":11,\
            "name":"cat","file":{"path":"/bin/x","name":"x","type_id":0},\
            "parent_process":{"pid":10},"user":{"uid":"4294967294"},"container":{"uid":"c1"}}},\
            "file":{"path":"/etc/shadow","name":"shadow","type_id":0},\
            "unmapped":{"cgroup":"/web.slice/c1"},"raw_data":"{\
            """);
  }

  @Test
  void aConnectionHasTheOtherEnd() {
    var address = new Address("inet", "10.0.0.1", 80, Optional.empty(), false, ByteText.of("raw"));
    assertThat(ocsf.of(Records.connected(1, address)))
        .contains("\"class_uid\":4001,\"activity_id\":1,\"type_uid\":400101,")
        .contains("\"action_id\":1,\"disposition_id\":1,\"is_alert\":true,\"status_id\":1,")
        .contains("\"dst_endpoint\":{\"ip\":\"10.0.0.1\",\"port\":80}");
  }

  /// Such as one whose memory could not be read, or for which there were too many already.
  @Test
  void aCallThatNoRuleDecidedWasNeitherAllowedNorDenied() {
    assertThat(ocsf.of(Records.failed(1, "EIO")))
        .contains("\"action_id\":0,\"disposition_id\":0,\"is_alert\":false,\"status_id\":2,")
        .contains("\"status_code\":\"EIO\"");
  }

  /// What version 1.5 of the schema requires of these classes, beside what all events have.
  @Test
  void everyClassHasWhatTheSchemaRequires() {
    var address = new Address("inet", "10.0.0.1", 80, Optional.empty(), false, ByteText.of("raw"));
    assertThat(ocsf.of(Records.connected(1, address))).contains("\"dst_endpoint\":{\"ip\":");
    assertThat(ocsf.of(Records.denied(1, "/x")))
        .contains("\"file\":{\"path\":\"/x\",\"name\":\"x\",");

    String program = ocsf.of(Records.executed(1, "/bin/true", "true", "a b"));
    assertThat(program)
        .contains("\"class_uid\":1007,\"activity_id\":1,\"type_uid\":100701,")
        .contains(
            "\"process\":{\"pid\":11,\"file\":{\"path\":\"/bin/true\",\"name\":\"true\","
                + "\"type_id\":0},\"cmd_line\":\"true a b\"}");
    assertThat(ocsf.of(Records.unknown(1)))
        .contains("\"class_uid\":1003,\"activity_id\":4,\"type_uid\":100304,")
        .contains("\"profiles\":[\"host\",\"security_control\"],")
        .contains("\"actor\":{\"process\":{\"tid\":12,\"uid\":\"tid:12\"}},")
        .contains("\"kernel\":{\"name\":\"getpid\",\"type_id\":2,\"system_call\":\"getpid\"}");
  }

  /// A name has every byte but NUL.
  @Test
  void noNameBreaksTheLineAndTheRecordIsReadBack() {
    var bytes = new byte[255];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i + 1);
    }
    AuditRecord hostile =
        Records.denied(
            1,
            "a\n\u001b[2J",
            bytes,
            ("/" + "\u009b".repeat(2000)).getBytes(StandardCharsets.UTF_8));
    assertThat(ocsf.of(hostile).chars()).allMatch(c -> c >= ' ' && c < 0x7f);
    assertThat(event(hostile))
        .extracting("raw_data")
        .extracting(raw -> LineReader.read(String.valueOf(raw)))
        .isEqualTo(new LogLine.Call("5e551", hostile));
  }
}
