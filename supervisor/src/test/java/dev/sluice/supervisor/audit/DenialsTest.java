package dev.sluice.supervisor.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Policies;
import dev.sluice.supervisor.policy.explain.CallReader;
import dev.sluice.supervisor.policy.explain.DescribedTask;
import dev.sluice.supervisor.policy.explain.Explainer;
import dev.sluice.supervisor.syscall.Arch;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
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

  /// What was not looked at may be anything.
  @ParameterizedTest
  @ValueSource(strings = {"openat", "rename", "mount", "connect", "sendto"})
  void noRuleSpeaksOfAnObjectThatIsNotKnown(String call) {
    assertThat(Denials.allowing(Records.refusedUnseen(1, call))).isEmpty();
  }

  @Test
  void aCallWithoutAnObjectIsAllowedByItsName() {
    assertThat(Denials.allowing(Records.refusedUnseen(1, "ptrace")))
        .contains("- { name: 'allow-ptrace', on: ptrace, allow: }");
  }

  private static Address unix(byte[] name) {
    byte[] raw = new byte[2 + name.length];
    raw[0] = 1;
    System.arraycopy(name, 0, raw, 2, name.length);
    byte[] text = name.clone();
    if (name.length > 0 && name[0] == 0) {
      text[0] = '@';
    }
    return new Address(
        "unix",
        "",
        -1,
        Optional.of(new ByteText(text)).filter(path -> !path.isEmpty()),
        false,
        new ByteText(raw));
  }

  @Test
  void aTermHoldsForAnAddressAlone() {
    assertThat(Denials.term(unix(new byte[0])))
        .contains("address.family == \"unix\" && address.path == \"\"");
    assertThat(Denials.term(unix("\0a\0b".getBytes(StandardCharsets.UTF_8))))
        .contains("address.path == \"@a\\u0000b\"");
    assertThat(Denials.term(unix(new byte[] {0, (byte) 0xff}))).isEmpty();
    // a file that was not found, and not an abstract name
    assertThat(Denials.term(unix("@a".getBytes(StandardCharsets.UTF_8)))).isEmpty();
    assertThat(Denials.term(unix("/run/x".getBytes(StandardCharsets.UTF_8))))
        .contains("address.path == \"/run/x\"");
    assertThat(Denials.term(new Address("vsock", "", 5, Optional.empty(), false, ByteText.EMPTY)))
        .contains("address.family == \"vsock\" && address.port == 5");
  }
}
