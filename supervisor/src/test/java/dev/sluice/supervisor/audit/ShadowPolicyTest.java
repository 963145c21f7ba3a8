package dev.sluice.supervisor.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.audit.AuditRecord.Shadow;
import dev.sluice.supervisor.audit.log.LineReader;
import dev.sluice.supervisor.audit.log.LogLine;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Container;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Policies;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Calls;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ShadowPolicyTest {
  private static final CompiledPolicy ENFORCED =
      Policies.compile(
          """
          sluice: v1
          name: enforced
          rules:
            - { name: secrets, on: "@open", when: 'path.under("/secret")', deny: EACCES }
            - { name: opens, on: "@open", allow: , audit: exact }
            - { name: quiet, on: getppid, deny: EPERM, audit: never }
          """);

  private static final CompiledPolicy TRIED =
      Policies.compile(
          """
          sluice: v1
          name: tried
          rules:
            - { name: less, on: "@open", when: 'path.under("/etc") || task.comm == "never"', deny: EPERM }
            - { name: pids, on: [getpid, getppid], deny: EPERM }
          """);

  private static ShadowPolicy shadow(CompiledPolicy policy) {
    try {
      return new ShadowPolicy(_ -> policy);
    } catch (PolicyException e) {
      throw new AssertionError(e);
    }
  }

  private static List<AuditRecord> records(String... paths) {
    var out = new ByteArrayOutputStream();
    try (var log = new AuditLog(List.of(new JsonLines(out, true)), Optional.of(shadow(TRIED)))) {
      for (String path : paths) {
        var call = Calls.of(Arch.X86_64, "openat", -100, 4096, 0);
        Calls.givePinned(call, 0, path);
        Decision decision = Policies.decide(ENFORCED, call);
        log.record(
            log.claim(ENFORCED.edition(), call, decision, true),
            ENFORCED.edition(),
            call,
            null,
            decision,
            decision.verdict(),
            SafetyClass.EMULATED,
            0,
            System.nanoTime());
      }
    }
    var records = new ArrayList<AuditRecord>();
    for (String line : out.toString(StandardCharsets.UTF_8).lines().toList()) {
      if (LineReader.read(line) instanceof LogLine.Call(_, AuditRecord record)) {
        records.add(record);
      }
    }
    return records;
  }

  @Test
  void whatWouldBeDecidedOtherwiseIsOnRecord() {
    List<AuditRecord> records = records("/etc/passwd");
    assertThat(records.getFirst().action()).isEqualTo("allow");
    assertThat(records.getFirst().shadow())
        .contains(new Shadow("tried", Optional.of("deny EPERM by 'less'"), Optional.empty()));
  }

  /// Nobody has looked who makes the call, and the policy wants to know.
  @Test
  void whatCannotBeToldIsSaid() {
    List<AuditRecord> records = records("/secret/key", "/usr/x");
    assertThat(records)
        .extracting(AuditRecord::shadow)
        .containsExactly(
            Optional.of(new Shadow("tried", Optional.empty(), Optional.of("task.comm"))),
            Optional.of(new Shadow("tried", Optional.empty(), Optional.of("task.comm"))));
  }

  @Test
  void whatIsDecidedAlikeHasNoMoreToSay() {
    var same = shadow(ENFORCED);
    AuditRecord record = Records.denied(1, "/secret/key");
    assertThat(same.beside(record, Container.NONE)).isEqualTo(record);
    assertThat(
            same.beside(Records.denied(2, "/etc/x"), Container.NONE)
                .shadow()
                .flatMap(Shadow::verdict))
        .contains("allow by 'opens'");
  }

  @Test
  void theCallsAreKnownThatTheKernelDecidesAlone() {
    assertThat(shadow(TRIED).unseen(ENFORCED)).containsExactly("getpid", "getppid");
  }
}
