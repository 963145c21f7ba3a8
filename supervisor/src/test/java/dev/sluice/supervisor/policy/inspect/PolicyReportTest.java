package dev.sluice.supervisor.policy.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.Policies;
import dev.sluice.supervisor.policy.SafetyClass;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is said of policies that can be used.
class PolicyReportTest {
  private static PolicyReport report(String... rules) {
    return PolicyReport.of("p.yaml", Policies.compile("sluice: v1\nrules:\n" + list(rules)));
  }

  private static String list(String... rules) {
    return List.of(rules).stream().map(rule -> "- " + rule + "\n").collect(Collectors.joining());
  }

  private static List<String> warnings(PolicyReport report) {
    return report.diagnostics().stream().map(Diagnostic::toString).toList();
  }

  @Test
  void aRuleIsAsWeakAsTheWeakestOfItsDecisions() {
    var rules =
        report(
                "{name: kernel, on: getppid, deny: EIO}",
                "{name: registers, on: getpid, allow: , audit: always}",
                "{name: both, on: [open, openat2], when: access.write, deny: EROFS}",
                "{name: emulated, on: \"@open\", when: path.under(\"/a\"), deny: EIO}",
                "{name: after, on: open, allow: }",
                "{name: verified, on: \"@exec\", when: path.under(\"/a\"), deny: EIO}",
                "{name: asked, on: execve, ask: {}}",
                "{name: racy, on: chdir, when: task.cwd == \"/a\", allow: , unsafe: continue}",
                "{name: floored, on: chroot, when: path.under(\"/a\"), allow: , audit: always}",
                "{name: handled, on: mount, emulate: mount}")
            .rules();

    assertThat(rules.stream().collect(Collectors.toMap(RuleReport::name, RuleReport::classes)))
        .isEqualTo(
            Map.of(
                "verified", Map.of(SafetyClass.VERIFIED, names("execve", "execveat")),
                "asked", Map.of(SafetyClass.VERIFIED, names("execve")),
                "floored", Map.of(SafetyClass.FLOORED, names("chroot")),
                "kernel", Map.of(SafetyClass.KERNEL, names("getppid")),
                "registers", Map.of(SafetyClass.REGISTERS, names("getpid")),
                "both",
                    Map.of(
                        SafetyClass.KERNEL, names("open"), SafetyClass.EMULATED, names("openat2")),
                "emulated",
                    Map.of(SafetyClass.EMULATED, names("creat", "open", "openat", "openat2")),
                "after", Map.of(SafetyClass.EMULATED, names("open")),
                "racy", Map.of(SafetyClass.RACY, names("chdir")),
                "handled", Map.of(SafetyClass.EMULATED, names("mount"))));
  }

  private static Set<String> names(String... names) {
    return new TreeSet<>(List.of(names));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{name: a, on: dup, deny: EIO} | {name: b, on: dup, when: fd == 1, kill: process}"
            + " | 4:3: warning: 'b' never decides: 'a' (p.yaml:3:3) stands before it and decides"
            + " the same calls",
        "{name: a, on: \"@rename\", when: path.under(\"/a\"), deny: EIO} | {name: b, on: rename,"
            + " when: path.under(\"/a\"), deny: EPERM}"
            + " | 4:3: warning: 'b' never decides: 'a' (p.yaml:3:3) stands before it and decides"
            + " the same calls",
        "{name: a, on: getpid, deny: EIO} | {name: b, on: creat, when: flags == 0, allow: }"
            + " | 4:3: warning: 'b' never decides: its condition is false for every call it is"
            + " about",
        "{name: a, on: getpid, deny: EIO} | {name: b, on: [socketcall, waitpid], deny: EIO}"
            + " | 4:3: warning: 'b' never decides: there is no socketcall, waitpid on x86_64",
        "{name: a, on: getpid, deny: EIO} | {name: b, on: unlink, deny: EIO}"
            + " | 4:3: warning: 'b' leaves unlinkat, which can do the same",
        "{name: a, on: getpid, allow: , audit: always} | {name: b, on: io_uring_setup, allow: }"
            + " | 4:3: warning: 'b' opens io_uring_setup: io_uring does what calls do without"
            + " making them",
        "{name: a, on: getpid, allow: , audit: always} | {name: b, on: userfaultfd, when: flags =="
            + " 9, deny: EIO}"
            + " | 4:3: warning: 'b' names userfaultfd, so that no guard closes it where the rule"
            + " does not hold: memory that never comes would hold whoever reads it for the target",
      })
  void whatItsAuthorMayNotHaveMeantIsAWarning(String first, String second, String warning) {
    assertThat(warnings(report(first, second))).containsExactly("p.yaml:" + warning);
  }

  @Test
  void whatIsMeantIsNoWarning() {
    assertThat(
            warnings(
                report(
                    "{on: dup, when: fd == 1, deny: EIO}",
                    "{on: dup, when: fd == 2, kill: process}",
                    "{on: [unlink, rmdir], deny: EIO}",
                    "{on: unlinkat, when: flags == 0, deny: EIO}",
                    "{on: [socket, socketcall], deny: EIO}",
                    "{on: userfaultfd, deny: EIO}",
                    "{on: \"@open\", when: path.under(\"/a\"), deny: EIO}",
                    "{on: mount, deny: EIO}")))
        .isEmpty();
  }

  /// A rule about some of what a call does takes the guard away from all of it.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{name: b, on: socket, when: domain == AF_PACKET, deny: EIO}"
            + " | 'b' names socket, so that no guard closes it where the rule does not hold: sctp"
            + " connects by setsockopt(2), to addresses that nobody looked at",
        "{name: b, on: socket, when: domain < AF_PACKET, allow: }"
            + " | 'b' opens socket: sctp connects by setsockopt(2), to addresses that nobody"
            + " looked at",
        "{name: b, on: setsockopt, when: optname == 99, deny: EIO}"
            + " | 'b' names setsockopt, so that no guard closes it where the rule does not hold: a"
            + " route through a machine whose address nobody looked at",
        "{name: b, on: mount, when: flags.has(MS_PRIVATE), allow: }"
            + " | 'b' names mount, so that no guard closes it where the rule does not hold: it"
            + " shows a directory in another place, where the policy's paths do not look for it",
      })
  void whoNamesACallForSomeOfItIsToldOfTheRest(String line) {
    String[] parts = line.split(" \\| ", -1);
    String paths = "{on: \"@open\", when: path.under(\"/a\"), deny: EIO}";
    String addresses = "{on: \"@connect\", when: address.port == 1, deny: EIO}";
    assertThat(warnings(report(parts[0], paths, addresses)))
        .containsExactly("p.yaml:3:3: warning: " + parts[1]);
    String registers = "{on: getpid, allow: , audit: always}";
    assertThat(warnings(report(parts[0], registers))).isEmpty();
  }

  /// What guards would close is closed by the rules themselves, or meant to be open.
  @Test
  void whoClosesWhatAGuardWouldIsToldNothing() {
    assertThat(
            warnings(
                report(
                    "{on: socket, when: 'domain in [AF_INET, AF_PACKET, AF_XDP]', deny: EIO}",
                    "{on: mount, when: flags.has(MS_BIND), allow: }",
                    "{on: mount, deny: EIO}",
                    "{on: \"@connect\", when: address.port == 1, deny: EIO}",
                    "{on: \"@open\", when: path.under(\"/a\"), deny: EIO}")))
        .isEmpty();
  }

  @Test
  void aGroupThatAllowsWhatARuleBeforeItNamesIsALoophole() {
    var policy =
        Policies.compile(
            """
            sluice: v1
            default: deny
            rules:
            - {name: a, on: io_uring_setup, when: entries > 64, deny: EPERM}
            - {name: b, on: ["@aio", "@default"], allow: }
            - {on: uname, audit: always, allow: }
            """);
    assertThat(PolicyReport.of("p.yaml", policy).diagnostics())
        .singleElement()
        .asString()
        .contains("'a' names io_uring_setup, so that no guard closes it");
  }

  /// There is none that the rule could take the place of.
  @Test
  void whereNoPathDecidesNoGuardOfPathsIsMissed() {
    String opens = "{on: pivot_root, allow: }";
    assertThat(warnings(report("{on: getpid, allow: , audit: always}", opens))).isEmpty();
    assertThat(warnings(report("{on: \"@open\", when: path.under(\"/a\"), deny: EIO}", opens)))
        .singleElement()
        .asString()
        .contains("opens pivot_root: a new root gives every file another path");
  }

  @Test
  void aPolicyThatRefusesWhatItDoesNotNameLeavesNothing() {
    var policy = Policies.compile("{sluice: v1, default: kill, rules: [{on: unlink, deny: EIO}]}");

    assertThat(PolicyReport.of("p.yaml", policy).diagnostics()).isEmpty();
  }

  @Test
  void programsReadItAsJson() {
    assertThat(
            ReportJson.of(
                List.of(
                    PolicyReport.of(
                        "p.yaml",
                        Policies.compile(
                            """
                            sluice: v1
                            rules:
                            - {name: "a \\"b\\"", on: unlink, deny: EIO}
                            """)))))
        .isEqualTo(
            """
            {"policies":[{"file":"p.yaml","usable":true,"diagnostics":[{"severity":"warning",\
            "file":"p.yaml","line":3,"column":3,"message":"'a \\"b\\"' leaves unlinkat, which can do\
             the same"}],"supervisor":false,"instructions":9,"rules":[{"name":"a \\"b\\"","line":3,\
            "column":3,"action":"deny","classes":{"KERNEL":["unlink"]}}]}]}\
            """);
  }
}
