package dev.sluice.supervisor.audit.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.supervisor.audit.Records;
import dev.sluice.supervisor.audit.log.Replay;
import dev.sluice.supervisor.policy.Policies;
import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyUpdateTest {
  private static final String OLD =
      """
      # kept as it is
      sluice: v1
      rules:
        - { name: keys, on: "@open", when: 'path.under("/src/keys")', deny: EACCES }
        - name: reads   # what is read
          on: "@open"
          when: path.under("/usr") && !access.write
          allow:
        - name: unused
          on: "@open"
          when: path == "/never"
          allow:

        # the rest
        - { name: no-other-file, on: "@open", when: 'path.under("/")', deny: EACCES }
        - { name: last, on: "@module", deny: EPERM }
      """;

  private static PolicyUpdate observed(String policy, String... paths) {
    var update = new PolicyUpdate(Policies.compile(policy), "/src", "/home/me");
    for (String path : paths) {
      update.add(Records.opened(1, path));
    }
    return update;
  }

  private static String verdict(String policy, String path) {
    var replay = new Replay(Policies.compile(policy));
    return replay.redecide(Records.denied(1, path)) instanceof Replay.Decided(var decision)
        ? decision.action() + " by " + decision.rule()
        : "open";
  }

  @Test
  void whatWasDeniedIsAllowedRightBeforeTheRuleThatDeniedIt() {
    String merged = observed(OLD, "/usr/lib/x", "/src/main.c", "/etc/hosts").merged(OLD);
    assertThat(merged)
        .isEqualTo(
            OLD.replace(
                "  - { name: no-other-file",
                """
                  - name: reads-before-no-other-file
                    on: "@open"
                    when: >-
                      !access.write && (
                      path == "/etc/hosts" ||
                      path.under("/src"))
                    allow:
                  - { name: no-other-file\
                """));
    assertThat(verdict(merged, "/src/main.c")).isEqualTo("allow by reads-before-no-other-file");
    assertThat(verdict(merged, "/etc/shadow")).isEqualTo("deny by no-other-file");
    // although it lies where everything was allowed
    assertThat(verdict(merged, "/src/keys/mine")).isEqualTo("deny by keys");
  }

  @Test
  void theDifferenceIsShown() {
    assertThat(observed(OLD, "/usr/lib/x", "/etc/hosts", "/etc/hosts").difference())
        .containsExactly(
            "1 calls were granted, 2 were not",
            "not granted: openat(AT_FDCWD, \"/etc/hosts\", O_RDONLY): denied by 'no-other-file', 2"
                + " times",
            "granted, and not used: 'unused' (p.yaml:9:5)");
  }

  @Test
  void whatTheDefaultDeniedIsAllowedBehindAllRules() {
    String old =
        """
        sluice: v1
        default: { deny: EPERM }
        rules:
        - on: [read, write]
          allow:
        - { name: some, on: "@open", when: 'path == "/some"', allow: }
        audit: { record: [deny] }
        """;
    String merged = observed(old, "/etc/hosts").merged(old);
    assertThat(merged).contains("allow: }\n- name: reads-before-default\n").endsWith("[deny] }\n");
    assertThat(verdict(merged, "/etc/hosts")).isEqualTo("allow by reads-before-default");
    assertThat(verdict(merged, "/etc/shadow")).isEqualTo("deny by default");
  }

  @Test
  void itCanBeDoneAgain() {
    String once = observed(OLD, "/etc/hosts").merged(OLD);
    String twice = observed(once, "/etc/passwd").merged(once);
    assertThat(verdict(twice, "/etc/hosts")).isEqualTo("allow by reads-before-no-other-file");
    assertThat(verdict(twice, "/etc/passwd")).isEqualTo("allow by reads-before-no-other-file-2");
    assertThat(observed(twice, "/etc/hosts", "/etc/passwd").isComplete()).isTrue();
  }

  @Test
  void aRuleThatIsNotOnALineOfItsOwnIsRefused() {
    String old =
        """
        sluice: v1
        rules: [ { name: all, on: '@open', when: 'path.under("/")', deny: EPERM } ]
        """;
    assertThatThrownBy(() -> observed(old, "/x").merged(old))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("p.yaml:2:10: no rule can be put in front of this one");
    // and before anything was run
    assertThatThrownBy(() -> observed(old).check(old))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("p.yaml:2:10: no rule can be put in front of this one");
  }

  @Test
  void aRuleThatDeniesNothingMayStandAnywhere() {
    String old =
        """
        sluice: v1
        rules: [ { name: all, on: '@open', when: 'path.under("/")', allow: } ]
        """;
    observed(old).check(old);
    assertThat(observed(old, "/x").merged(old)).isEqualTo(old);
  }

  @Test
  void besideNoRuleNoneIsPut() {
    String old = "sluice: v1\ndefault: { deny: EPERM }\nrules: []\n";
    assertThatThrownBy(() -> observed(old).check(old))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("there is no rule that another could be put beside");
  }

  /// A log has what was denied, too.
  @Test
  void whatWasDeniedIsNotMissing() {
    PolicyUpdate update = observed(OLD);
    update.add(Records.denied(1, "/etc/hosts"));
    assertThat(update.isComplete()).isTrue();
  }

  private static final String LOOKING =
      """
      sluice: v1
      default: deny
      rules:
        - { name: some, on: "@stat", when: path.under("/usr"), allow: }
      """;

  @Test
  void whatIsDecidedByPathsIsAddedByPaths() {
    var update = new PolicyUpdate(Policies.compile(LOOKING), "/src", "/home/me");
    update.add(Records.lookedAt(1, "/etc/hosts"));
    update.add(Records.lookedAt(2, "pipe:[1]"));
    String merged = update.merged(LOOKING);
    assertThat(merged).contains("looks-before-default").doesNotContain("calls-before-default");
    var replay = new Replay(Policies.compile(merged));
    assertThat(List.of("/etc/hosts", "/etc/shadow", "pipe:[2]", "socket:[2]"))
        .extracting(path ->
            replay.redecide(Records.lookedAt(1, path)) instanceof Replay.Decided(var decision)
                ? decision.action()
                : "open")
        .containsExactly("allow", "deny", "allow", "deny");
  }

  @Test
  void whereThePathsLedMustBeKnownIfThatDecides() {
    var update = new PolicyUpdate(Policies.compile(LOOKING), "/src", "/home/me");
    assertThat(update.looked()).contains("newfstatat", "statx").doesNotContain("read", "mkdir");
    assertThat(PolicyLearner.observing(update.deniable(), update.looked()))
        .containsPattern("name: looked, on: \\[.*newfstatat.*audit: exact");
    Policies.compile(PolicyLearner.observing(update.deniable(), update.looked()));
  }

  @Test
  void onlyCallsThatItMayDenyMustBeRecorded() {
    assertThat(observed(OLD).deniable())
        .contains("open", "openat2", "init_module")
        .doesNotContain("read", "mkdir");
    assertThat(List.of("openat")).isSubsetOf(observed(OLD).deniable());
  }
}
