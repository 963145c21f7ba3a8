package dev.sluice.supervisor.policy;

import static dev.sluice.supervisor.policy.Policies.complaintsAbout;
import static dev.sluice.supervisor.policy.Policies.withRule;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What could only be enforced by a race is refused, unless all who rely on it accept that.
class RacesTest {
  @Test
  void whatOnlyARaceCouldEnforceIsRefused() {
    String rule = "{on: quotactl, deny: EPERM, when: 'task.comm == \"x\"'%s}";
    assertThat(complaintsAbout(withRule(rule.formatted(""))))
        .containsExactly(
            "p.yaml:4:3: error: sluice cannot perform quotactl itself, so what this rule looks at"
                + " could be exchanged before the kernel looks again; leave quotactl out, decide by"
                + " registers, or accept the race with 'unsafe: continue'");
    String unsafe = withRule(rule.formatted(", unsafe: continue"));
    assertThat(complaintsAbout(unsafe)).isEmpty();
    assertThat(complaintsAbout(unsafe + "require: emulated\n"))
        .containsExactly(
            "p.yaml:4:3: error: the policy says 'require: emulated', but this rule accepts a race"
                + " for quotactl");
  }

  @Test
  void whatRegistersDecideBeforeAnythingIsLookedAtIsNoRace() {
    String rules =
        """
        sluice: v1
        default: %s
        rules:
        - {on: quotactl, when: 'cmd == 1', %s}
        - {on: quotactl, when: 'task.comm == "x"', %s}
        """;
    assertThat(complaintsAbout(rules.formatted("deny", "allow: ", "return: 0"))).isEmpty();
    assertThat(complaintsAbout(rules.formatted("allow", "deny: EIO", "allow: , audit: always")))
        .isEmpty();
    assertThat(complaintsAbout(rules.formatted("allow", "allow: ", "return: 0")))
        .singleElement()
        .asString()
        .startsWith("p.yaml:5:3: error: sluice cannot perform quotactl itself");
  }

  @Test
  void whereAProcessIsCanOnlyBeDecidedByARace() {
    String rule = "{on: \"@chdir\", when: 'path.under(\"/etc\")', %s}";
    assertThat(complaintsAbout(withRule(rule.formatted("deny: EACCES"))))
        .containsExactly(
            "p.yaml:4:3: error: nobody can change the working directory of another process, so what"
                + " this rule looks at could be exchanged before the kernel looks again; decide"
                + " what is opened there, whichever way it is named (@open), or accept the race"
                + " with 'unsafe: continue'");
    assertThat(complaintsAbout(withRule(rule.formatted("deny: EACCES, unsafe: continue"))))
        .isEmpty();
    assertThat(complaintsAbout(withRule(rule.formatted("allow: , audit: alert")))).isEmpty();
  }

  @Test
  void aRaceIsRefusedUnlessAllAcceptItThatLookAtMemory() {
    String one = "{on: chdir, when: 'path.under(\"/secret\")', deny: EACCES%s}";
    String two = "\n- {on: chdir, %s, unsafe: continue}";
    String deny = two.formatted("when: 'path == \"/nowhere\"', deny: EACCES");
    for (String another : List.of(deny, two.formatted("allow: "))) {
      assertThat(complaintsAbout(withRule(one.formatted("") + another)))
          .singleElement()
          .asString()
          .startsWith("p.yaml:4:3: error: nobody can change the working directory");
      String all = withRule(one.formatted(", unsafe: continue") + another);
      assertThat(complaintsAbout(all)).isEmpty();
      assertThat(complaintsAbout(all + "require: emulated\n"))
          .containsExactly(
              "p.yaml:4:3: error: the policy says 'require: emulated', but this rule accepts a"
                  + " race for chdir");
    }
    String hidden = "{when: 'path.under(\"/secret\")', hide: }";
    assertThat(complaintsAbout(withRule(hidden + deny))).isEmpty();
  }

  @Test
  void aRaceIsRefusedWhereverItIsAccepted() {
    String rules =
        """
        sluice: v1
        require: emulated
        rules:
        - {on: "%1$s", when: 'path.under("/etc")', deny: EACCES%2$s}
        - {on: "%1$s", allow: , unsafe: continue}
        """;
    assertThat(complaintsAbout(rules.formatted("@open", ""))).isEmpty();
    assertThat(complaintsAbout(rules.formatted("@open", ", unsafe: continue"))).isEmpty();
    assertThat(complaintsAbout(rules.formatted("@exec", ""))).isEmpty();
    assertThat(complaintsAbout(rules.formatted("@exec", ", unsafe: continue")))
        .containsExactly(
            "p.yaml:4:3: error: the policy says 'require: emulated', but this rule accepts a race"
                + " for execve",
            "p.yaml:4:3: error: the policy says 'require: emulated', but this rule accepts a race"
                + " for execveat");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{on: chdir, ask: {}}",
        "{on: chdir, ask: {}, unsafe: continue}",
        "{on: '@chdir', when: 'path.under(\"/etc\")', ask: {}}"
      })
  void nobodyIsAskedAboutWhatCouldNotBePerformed(String rule) {
    assertThat(complaintsAbout(withRule(rule)))
        .containsExactly(
            "p.yaml:4:3: error: sluice cannot perform chdir itself, so what was said yes to could"
                + " be exchanged before the kernel looks again; leave it out, or have a rule before"
                + " this one decide it");
  }

  @Test
  void whatRegistersTellCanBeAskedAbout() {
    String ask = "{on: quotactl, %sask: {}}";
    assertThat(complaintsAbout(withRule(ask.formatted("when: cmd == 1, ")))).isEmpty();
    String behind =
        "{on: quotactl, when: 'task.comm == \"x\"', deny: EIO, unsafe: continue}\n- "
            + ask.formatted("");
    assertThat(complaintsAbout(withRule(behind)))
        .singleElement()
        .asString()
        .startsWith("p.yaml:5:3: error: sluice cannot perform quotactl itself, so what was said");
    assertThat(complaintsAbout(withRule("{on: chdir, deny: EPERM}\n- {on: chdir, ask: {}}")))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"getpid, 'allow: '", "chdir, 'log: '", "chdir, 'allow: '", "getpid, 'ask: {}'"})
  void whatNobodyPerformsIsNotRecordedExactly(String call, String action) {
    String rule = "{on: " + call + ", " + action + ", audit: exact}";
    assertThat(complaintsAbout(withRule(rule)))
        .containsExactly(
            "p.yaml:4:3: error: 'audit: exact' has a call performed, and sluice cannot perform "
                + call
                + "; use 'audit: always'");
    assertThat(complaintsAbout(withRule("{on: chdir, deny: EPERM, audit: exact}"))).isEmpty();
    assertThat(complaintsAbout(withRule("{on: '@open', allow: , audit: exact}"))).isEmpty();
  }

  @Test
  void whatIsExecutedCanBeDecidedWithoutARace() {
    String rule = "{on: %s, deny: EACCES, when: 'path.under(\"/a\")'}";
    assertThat(complaintsAbout(withRule(rule.formatted("'@exec'")) + "require: emulated\n"))
        .isEmpty();
    assertThat(complaintsAbout(withRule(rule.formatted("execve"))))
        .containsExactly(
            "p.yaml:4:3: error: execve decided here, but not execveat, which can do the same: write"
                + " 'on: \"@exec\"'");
  }
}
