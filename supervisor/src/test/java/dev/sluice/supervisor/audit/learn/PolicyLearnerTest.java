package dev.sluice.supervisor.audit.learn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.audit.Address;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.ByteText;
import dev.sluice.supervisor.audit.Records;
import dev.sluice.supervisor.audit.log.Replay;
import dev.sluice.supervisor.policy.Policies;
import dev.sluice.supervisor.policy.inspect.PolicyReport;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PolicyLearnerTest {
  private final PolicyLearner learner = new PolicyLearner("/src", "/home/me");

  /// A rule that names a call takes the place of its guards.
  @Test
  void whatWasRefusedOpensNothing() {
    learner.add(Records.observed(1, "pivot_root"));
    learner.add(Records.refused(2, "mount"));
    assertThat(learner.rules()).contains("  - name: needed\n    on: [pivot_root]\n    allow:\n");
  }

  @Test
  void whereNothingOfTheKindWasMadeNoRuleIsAboutIt() {
    learner.add(Records.refused(1, "mount"));
    assertThat(learner.rules()).contains("never-needed").doesNotContain("- name: needed");
  }

  @Test
  void nothingIsLeftToDoWhatIsNeverNeeded() {
    var policy = Policies.compile(learner.policy("make"));
    assertThat(PolicyReport.of("p.yaml", policy).diagnostics()).isEmpty();
  }

  private String verdict(AuditRecord record) {
    var replay = new Replay(Policies.compile(learner.policy("make")));
    return replay.redecide(record) instanceof Replay.Decided(var decision)
        ? decision.action()
        : "open";
  }

  private String read(String path) {
    return verdict(Records.opened(1, path));
  }

  @Test
  void aDirectoryOfTheHomeThatWasListedOpensNothingInIt() {
    learner.add(Records.opened(1, "/home/me/.ssh"));
    assertThat(read("/home/me/.ssh")).isEqualTo("allow");
    assertThat(read("/home/me/.ssh/id_ed25519")).isEqualTo("deny");
    assertThat(learner.tests("p.yaml")).contains("keys are not read");
  }

  /// The tests must hold for the policy.
  @Test
  void whereKeysWereReadNoTestSaysThatTheyAreNot() {
    learner.add(Records.opened(1, "/home/me/.ssh/id_ed25519"));
    assertThat(learner.tests("p.yaml")).doesNotContain("keys are not read");
  }

  @Test
  void aDirectoryThatTheHomeLiesInIsNotTheCommandsOwn() {
    var above = new PolicyLearner("/home", "/home/me");
    above.add(Records.opened(1, "/home/me/x"));
    assertThat(above.rules()).contains("path == \"/home/me/x\"").doesNotContain("under(\"/home");
  }

  @Test
  void aVersionStandsForVersionsAndNoOtherName() {
    learner.add(Records.opened(1, "/srv/etc/1.2"));
    learner.add(Records.opened(2, "/proc/77"));
    assertThat(List.of(read("/srv/etc/1.2"), read("/srv/etc/1.10.3"), read("/proc/8")))
        .containsOnly("allow");
    assertThat(List.of(read("/srv/etc/shadow"), read("/proc/kallsyms"), read("/proc/8/mem")))
        .containsOnly("deny");
  }

  @Test
  void whatWouldBeAPatternIsAName() {
    learner.add(Records.opened(1, "/srv/*?[{\\/1.2"));
    assertThat(read("/srv/*?[{\\/1.3")).isEqualTo("allow");
    assertThat(read("/srv/x?[{\\/1.2")).isEqualTo("deny");
  }

  @Test
  void whatALogSaysWasDeniedIsNotAllowed() {
    learner.add(Records.denied(1, "/etc/shadow"));
    learner.add(Records.refused(2, "mount"));
    assertThat(read("/etc/shadow")).isEqualTo("deny");
    assertThat(verdict(Records.observed(1, "mount"))).isEqualTo("deny");
  }

  @Test
  void theTestsFindAPolicyOfAnyName() {
    assertThat(learner.tests("my #1.yaml")).startsWith("policy: \"my #1.yaml\"\n");
  }

  private static Address inet(String ip, int port) {
    byte[] raw = new byte[16];
    raw[0] = 2;
    raw[2] = (byte) (port >> 8);
    raw[3] = (byte) port;
    String[] parts = ip.split("\\.", -1);
    for (int i = 0; i < parts.length; i++) {
      raw[4 + i] = (byte) Integer.parseInt(parts[i]);
    }
    return new Address("inet", ip, port, Optional.empty(), false, new ByteText(raw));
  }

  private static AuditRecord connected(String ip, int port) {
    return Records.connected(1, inet(ip, port));
  }

  @Test
  void aPortThatTheKernelChoseMayBeAnotherTheNextTime() {
    learner.add(Records.addressed(1, "bind", inet("0.0.0.0", 0)));
    learner.add(connected("127.0.0.1", 40_000));
    learner.add(connected("10.0.0.1", 40_000));
    assertThat(
            List.of(
                verdict(connected("127.0.0.1", 50_000)), verdict(connected("10.0.0.1", 40_000))))
        .containsOnly("allow");
    assertThat(List.of(verdict(connected("127.0.0.1", 80)), verdict(connected("10.0.0.1", 50_000))))
        .containsOnly("deny");
  }

  @Test
  void ifNoPortWasChosenAPortIsThatPort() {
    learner.add(connected("127.0.0.1", 40_000));
    assertThat(verdict(connected("127.0.0.1", 40_000))).isEqualTo("allow");
    assertThat(verdict(connected("127.0.0.1", 40_001))).isEqualTo("deny");
  }

  private static Address unix(byte... raw) {
    String path = new String(raw, 2, raw.length - 2, StandardCharsets.UTF_8);
    return new Address(
        "unix",
        "",
        -1,
        Optional.of(ByteText.of(path.replaceFirst("^\0", "@"))).filter(name -> !name.isEmpty()),
        false,
        new ByteText(raw));
  }

  @Test
  void anUnnamedSocketOpensNoOther() {
    learner.add(Records.connected(1, unix((byte) 1, (byte) 0)));
    assertThat(verdict(Records.connected(1, unix((byte) 1, (byte) 0)))).isEqualTo("allow");
    assertThat(verdict(Records.connected(1, unix((byte) 1, (byte) 0, (byte) 0, (byte) 'd'))))
        .isEqualTo("deny");
  }

  @Test
  void anAbstractNameMayHaveNulInIt() {
    Address name = unix((byte) 1, (byte) 0, (byte) 0, (byte) 'd', (byte) 0, (byte) 'e');
    learner.add(Records.connected(1, name));
    assertThat(verdict(Records.connected(1, name))).isEqualTo("allow");
    assertThat(verdict(Records.connected(1, unix((byte) 1, (byte) 0, (byte) 0, (byte) 'd'))))
        .isEqualTo("deny");
  }

  @Test
  void whatNoPolicyCanSpeakOfIsCounted() {
    var raw = new ByteText(new byte[] {1, 0, 0, (byte) 0xff});
    var path = Optional.of(new ByteText(new byte[] {'@', (byte) 0xff}));
    learner.add(Records.connected(1, new Address("unix", "", -1, path, false, raw)));
    assertThat(learner.rules())
        .contains("# Names that are not UTF-8, of which no policy can speak: 1\n");
    assertThat(verdict(Records.connected(1, unix((byte) 1, (byte) 0)))).isEqualTo("deny");
  }
}
