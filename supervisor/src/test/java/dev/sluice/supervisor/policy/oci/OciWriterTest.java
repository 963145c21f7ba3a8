package dev.sluice.supervisor.policy.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.supervisor.CHeaders;
import dev.sluice.supervisor.bpf.Divergence;
import dev.sluice.supervisor.bpf.Program;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.Policies;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.RandomWhen;
import dev.sluice.supervisor.policy.oci.Libseccomp.Answer;
import dev.sluice.supervisor.syscall.Arch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What libseccomp makes of a profile that we write decides as the filter of the policy does.
class OciWriterTest {
  private static final String KILLED =
      "p.yaml:1:1: warning: calls of architectures that are not in the profile kill the thread; the"
          + " policy lets them fail";

  /// The newest call that libseccomp 2.5.4 knows.
  private static final int NEWEST = 450;

  private static final List<String> CALLS =
      List.of("lseek", "fchmod", "ftruncate", "kill", "fcntl", "umask", "mprotect", "madvise");

  @Test
  void writesWhatTheKernelDecidesAndNotifiesTheRest() throws PolicyException {
    CompiledPolicy policy =
        Policies.compile(
            """
            sluice: v1
            default: deny
            architectures: [x86_64]
            rules:
            - {on: [read, write], allow: }
            - {on: socket, when: domain == 2, deny: EACCES}
            - {on: openat, when: 'path.under("/etc")', deny: EACCES}
            - {on: ["@open", creat], allow: }
            """);
    String json = OciWriter.write(policy, true).json();
    assertThat(json)
        .contains("\"defaultAction\": \"SCMP_ACT_ERRNO\"", "\"defaultErrnoRet\": 1")
        .contains("\"SCMP_ARCH_X86_64\"")
        .contains(
            "{ \"names\": [\"creat\", \"open\", \"openat2\", \"read\", \"write\"], \"action\":"
                + " \"SCMP_ACT_ALLOW\" }")
        .contains("\"names\": [\"socket\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 13")
        .contains("\"value\": 4294967295, \"valueTwo\": 2, \"op\": \"SCMP_CMP_MASKED_EQ\"")
        .contains("{ \"names\": [\"openat\"], \"action\": \"SCMP_ACT_NOTIFY\" }");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void libseccompDoesTheSameWithWhatIsWritten(long seed) throws PolicyException {
    assumeTrue(CHeaders.have("seccomp.h"), "there is no header seccomp.h (libseccomp-dev)");
    assumeTrue(Arch.host() == Arch.X86_64, "the policies here are for x86-64");
    var random = new Random(seed);
    int written = 0;
    for (int round = 0; round < 20; round++) {
      CompiledPolicy policy = Policies.compile(policy(random));
      String json;
      try {
        json = OciWriter.write(policy, true).json();
      } catch (PolicyException tooManyRules) {
        assertThat(tooManyRules).hasMessageContaining("would be too many rules of a profile");
        continue;
      }
      Profile profile = ProfileReader.read("p.json", json, Host.here(), new ArrayList<>()).get();
      Answer answer =
          Libseccomp.answer(List.of(Libseccomp.request(profile, Libseccomp.AS_A_TREE))).getFirst();
      if (answer instanceof Answer.Made(Program theirs)) {
        Program ours = Policies.compile(json).filter();
        compare(policy.filter(), List.of(ours, theirs), "seed " + seed + ": " + json);
        written++;
      } else if (!(answer instanceof Answer.Died)) { // of some, libseccomp does not come to an end
        throw new AssertionError(answer + " " + json);
      }
    }
    assertThat(written).isGreaterThan(5);
  }

  /// Compares what becomes of each call, whatever is in its registers.
  private static void compare(Program policy, List<Program> written, String about) {
    Arch arch = Arch.X86_64;
    for (int nr = 0; nr < NEWEST; nr++) {
      for (Program each : written) {
        assertThat(Divergence.find(policy, each, arch.audit(), nr, (a, b) -> a == b))
            .as("%s, %s", arch.describe(nr), about)
            .isEmpty();
      }
    }
  }

  private static String policy(Random random) {
    var text = new StringBuilder("sluice: v1\ndefault: allow\narchitectures: [x86_64]\nrules:\n");
    for (int i = 0; i < 4; i++) {
      String call = CALLS.get(random.nextInt(CALLS.size()));
      text.append(
          "- {on: %s, deny: %s, when: '%s'}\n"
              .formatted(
                  call,
                  random.nextBoolean() ? "EACCES" : "EPERM",
                  RandomWhen.ofRegisters(Arch.X86_64, call, random)));
    }
    return text.toString();
  }

  /// No runtime takes a profile that notifies by default.
  @Test
  void whatIsNewerThanTheTablesIsAnsweredByTheKernel() throws PolicyException {
    String recorded = "sluice: v1\ndefault: deny\naudit: {record: [deny]}\n";
    String returned = "sluice: v1\ndefault: {return: 5}\n";

    assertThat(OciWriter.write(Policies.compile(recorded), true).json())
        .contains("\"defaultAction\": \"SCMP_ACT_ERRNO\",\n  \"defaultErrnoRet\": 1,")
        .contains("\"action\": \"SCMP_ACT_NOTIFY\"");
    assertThat(OciWriter.write(Policies.compile(returned), true).json())
        .contains("\"defaultAction\": \"SCMP_ACT_ERRNO\",\n  \"defaultErrnoRet\": 38,")
        .contains("\"action\": \"SCMP_ACT_NOTIFY\"");
  }

  /// If there is a supervisor, and it can do what they would.
  @Test
  void whatWouldBeTooManyRulesIsNotified() throws PolicyException {
    String text =
        """
        sluice: v1
        architectures: [x86_64]
        rules:
        - {on: bind, when: 'address.port == 1', deny: EACCES}
        - {on: lseek, when: 'fd in [1, 20] && whence in [3, 40]', %s}
        - {on: lseek, when: 'offset == 77', %s}
        """;
    var profile =
        OciWriter.write(Policies.compile(text.formatted("deny: EIO", "deny: EPERM")), true);
    assertThat(profile.warnings().stream().map(Diagnostic::toString))
        .contains(
            "p.yaml:1:1: warning: lseek is notified whatever its arguments are: what decides it"
                + " would be too many rules of a profile");
    assertThat(profile.json())
        .containsPattern("\"lseek\"[^]]*], \"action\": \"SCMP_ACT_NOTIFY\" }");

    String kernels = "p.yaml:1:1: error: what decides lseek would be too many rules of a profile";
    assertThatThrownBy(
            () -> OciWriter.write(Policies.compile(text.formatted("deny: EIO", "trap:")), true))
        .hasMessageContaining(kernels);
    String alone = text.replaceFirst("- .on: bind.*\n", "").replace("20]", "20, 300, 4000]");
    assertThatThrownBy(() ->
            OciWriter.write(Policies.compile(alone.formatted("deny: EIO", "deny: EPERM")), true))
        .hasMessageContaining(kernels);
  }

  @Test
  void saysWhatAProfileCannotSay() {
    CompiledPolicy policy =
        Policies.compile(
            """
            sluice: v1
            architectures: [x86_64, i386]
            rules:
            - {on: socket, deny: EACCES}
            """);
    assertThatThrownBy(() -> OciWriter.write(policy, true))
        .isInstanceOf(PolicyException.class)
        .hasMessage(
            "p.yaml:1:1: error: socket is not decided like socketcall, by which i386 programs make"
                + " it as well; a rule of a profile is about both\n"
                + KILLED);
    CompiledPolicy wide =
        Policies.compile(
            """
            sluice: v1
            architectures: [x86_64, aarch64]
            rules:
            - {on: openat, when: flags.has(O_DIRECTORY), deny: EACCES}
            """);
    assertThatThrownBy(() -> OciWriter.write(wide, true))
        .hasMessage(
            "p.yaml:1:1: error: openat is not decided alike on all architectures, which a profile"
                + " cannot say\n"
                + KILLED);
  }

  /// What a container executes first is executed under its filter.
  @Test
  void pathsOfProgramsTakeARuntimeThatWaitsKillably() throws PolicyException {
    String rules =
        "sluice: v1\nrules:\n- {on: [\"@exec\", mkdir, mkdirat], when: 'path.under(\"/x\")', %s}\n";
    CompiledPolicy policy = Policies.compile(rules.formatted("deny: EACCES"));
    assertThatThrownBy(() -> OciWriter.write(policy, false))
        .hasMessage(
            "p.yaml:3:3: error: decides by path what is executed, for which the filter must be"
                + " installed with WAIT_KILLABLE_RECV: no container would start; say which runtime"
                + " does that (--runtime crun), or leave @exec out of 'on'");
    assertThat(OciWriter.write(policy, true).json())
        .contains(
            "\"flags\": [\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\","
                + " \"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"]");

    CompiledPolicy racy = Policies.compile(rules.formatted("deny: EACCES, unsafe: continue"));
    assertThat(OciWriter.write(racy, false).json()).doesNotContain("flags");
    for (String another :
        List.of(
            "when: 'path == \"/y\"', deny: EIO", "when: 'args[0] == 0', allow: , audit: exact")) {
      CompiledPolicy mixed =
          Policies.compile(
              "sluice: v1\nrules:\n- {on: \"@exec\", "
                  + another
                  + "}\n- {on: \"@exec\", when: 'path == \"/x\"', deny: EIO, unsafe: continue}\n");
      assertThatThrownBy(() -> OciWriter.write(mixed, false))
          .hasMessageStartingWith("p.yaml:3:3: error: decides by path what is executed");
    }
  }

  @Test
  void warnsThatOtherArchitecturesAreKilled() throws PolicyException {
    CompiledPolicy policy = Policies.compile("sluice: v1\nrules:\n- {on: socket, deny: EACCES}\n");
    assertThat(OciWriter.write(policy, true).warnings().stream().map(Diagnostic::toString))
        .containsExactly(KILLED);
  }
}
