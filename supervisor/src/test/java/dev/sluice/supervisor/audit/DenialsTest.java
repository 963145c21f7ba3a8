package dev.sluice.supervisor.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Policies;
import dev.sluice.supervisor.policy.explain.CallReader;
import dev.sluice.supervisor.policy.explain.DescribedTask;
import dev.sluice.supervisor.policy.explain.Explainer;
import dev.sluice.supervisor.syscall.Arch;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DenialsTest {
  private static String verdict(String rule, String path, String flags) throws Exception {
    CompiledPolicy policy =
        Policies.compile(
            "sluice: v1\nrules:\n  "
                + rule
                + "\n  - { name: none, on: \"@open\", when: 'path.under(\"/\")', deny: EACCES }");
    var call =
        CallReader.read(
            Arch.X86_64,
            "openat",
            List.of("dirfd=AT_FDCWD", "pathname=" + path, "flags=" + flags),
            DescribedTask.UNKNOWN,
            "/");
    return new Explainer(policy).explain(call).verdict();
  }

  /// What a name may have in it.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/srv/secret",
        "/srv/it's",
        "/srv/\"q\"",
        "/srv/a\\b: {c}, #d",
        "/srv/\u00e4\u2026"
      })
  void theRuleAllowsWhatWasDeniedAndNoMore(String path) throws Exception {
    String rule = Denials.allowing(Records.denied(1, path)).orElseThrow();
    assertThat(verdict(rule, path, "O_RDONLY")).isEqualTo("allow");
    assertThat(verdict(rule, path, "O_WRONLY")).isEqualTo("deny EACCES");
    assertThat(verdict(rule, path + "x", "O_RDONLY")).isEqualTo("deny EACCES");
  }

  @Test
  void noRuleSpeaksOfBytesThatAreNotUtf8() {
    assertThat(Denials.allowing(Records.denied(1, "x", new byte[] {'/', (byte) 0xff}))).isEmpty();
  }
}
