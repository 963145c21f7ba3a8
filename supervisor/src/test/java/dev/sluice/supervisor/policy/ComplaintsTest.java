package dev.sluice.supervisor.policy;

import static dev.sluice.supervisor.policy.Policies.complaintsAbout;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is wrong with a policy is said with its place, and with what would be right.
class ComplaintsTest {
  /// A policy whose rule is one line, the fourth, and begins in column 3.
  private static String withRule(String rule) {
    return "sluice: v1\nname: p\nrules:\n- " + rule + "\n";
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {on: opn, deny: EACCES}          | 4:8: error: unknown system call 'opn'; did you mean 'open'?
          {on: xyzzy, deny: EACCES}        | 4:8: error: unknown system call 'xyzzy'
          {on: '@opne', deny: EACCES}      | 4:8: error: unknown group '@opne'; did you mean '@open'?
          {on: [mount, umonut], deny: EIO} | 4:16: error: unknown system call 'umonut'; did you mean 'umount'?
          {deny: EACCES}                   | 4:3: error: 'on' is missing: the calls a rule is about, such as "@open" or mount
          {on: mount}                      | 4:3: error: a rule needs an action, such as 'allow:' or 'deny: EACCES'
          {on: mount, deny: EACESS}        | 4:21: error: 'deny' takes an errno such as EACCES, not 'EACESS'
          {on: mount, deny: EIO, allow: }  | 4:26: error: a rule has one action; this one has deny and allow
          {on: mount, dney: EIO, allow: }  | 4:15: error: unknown key 'dney' in a rule; did you mean 'deny'?
          {on: mount, return: x}           | 4:23: error: 'return' must be a whole number, not 'x'
          {on: mount, kill: all}           | 4:21: error: 'kill' is either thread or process
          {on: mount, trace: 65536}        | 4:22: error: 'trace' takes a number from 0 to 65535
          {on: mount, ask: {timeout: 5}}   | 4:30: error: 'timeout' takes a time such as 500ms, 60s or 5m, not '5'
          {on: mount, ask: {remember: me}} | 4:31: error: 'remember' is one of nothing, path, directory
          {on: mount, allow: , audit: no}  | 4:31: error: 'audit' is one of never, always, alert, exact
          {on: mount, allow: , unsafe: so} | 4:32: error: 'unsafe' can only be 'continue'
          {on: mount, emulate: muont}      | 4:3: error: unknown handler 'muont'; did you mean 'mount'?
          {on: chdir, emulate: mount}      | 4:3: error: the handler 'mount' does not serve chdir, but mount
          nothing                          | 4:3: error: each of 'rules' must be a mapping of keys, not 'nothing'
          """)
  void ofARuleNameThePlaceAndWhatIsMeant(String rule, String complaint) {
    assertThat(complaintsAbout(withRule(rule))).containsExactly("p.yaml:" + complaint);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          mount  | flgs == 1              | 4:33: error: unknown name 'flgs'; here are source, target, filesystemtype, mountflags
          mount  | flags === 1            | 4:41: error: token recognition error at: '= '
          mount  | flags == "1"           | 4:39: error: found no matching overload for '_==_' applied to '(int, string)'
          mount  | flags                  | 4:33: error: 'when' must be true or false, not a int
          mount  | target > "/a"          | 4:40: error: texts are compared with == and != only
          mount  | target.under("a")      | 4:46: error: 'a' must begin with /, ~ or **, as it is compared with absolute paths
          mount  | target.glob("/a/[b")   | 4:45: error: a [ has no ]
          mount  | target == source       | 4:33: error: a constant text is needed here
          mount  | flags in [1, 2 + 4294967295] | 4:48: error: 'flags' of mount is from 0 to 4294967295, never 4294967297
          setuid | uid == 4294967296      | 4:41: error: 'uid' of setuid is from 0 to 4294967295, never 4294967296
          setuid | uid == -1              | 4:42: error: 'uid' of setuid is from 0 to 4294967295, never -1
          kill   | pid > 2147483647 + 1   | 4:49: error: 'pid' of kill is from -2147483648 to 2147483647, never 2147483648
          kill   | pid == sig             | 4:36: error: one side of a comparison must be a constant
          fchmod | mode.has(65536)        | 4:43: error: 'mode' of fchmod has 16 bits, and 65536 is beyond them
          lseek  | offset < 9223372036854775807 + 1 | 4:62: error: this is more than a number can be
          """)
  void ofAConditionNameThePlaceInIt(String call, String when, String complaint) {
    assertThat(complaintsAbout(withRule("{on: " + call + ", deny: EIO, when: '" + when + "'}")))
        .singleElement()
        .asString()
        .startsWith("p.yaml:" + complaint);
  }

  @Test
  void aConditionOverSeveralLinesHasItsErrorInTheRightOne() {
    assertThat(
            complaintsAbout(
                """
                sluice: v1
                rules:
                  - on: setuid
                    deny: EPERM
                    when: |
                      uid == 1 ||
                        udi == 2
                """))
        .singleElement()
        .asString()
        .startsWith("p.yaml:7:3: error: unknown name 'udi'");
  }

  @Test
  void aVariableThatOnlySomeCallsOfARuleHaveIsExplained() {
    assertThat(complaintsAbout(withRule("{on: [setuid, setgid], deny: EIO, when: 'uid == 1'}")))
        .containsExactly(
            "p.yaml:4:44: error: setgid has no 'uid', which other calls of this rule have");
  }

  @Test
  void everythingThatIsWrongIsSaidAtOnce() {
    assertThat(
            complaintsAbout(
                """
                sluice: v2
                nmae: x
                default: maybe
                require: racy
                audit: {record: [deny, lots]}
                architectures: [x86_65]
                vars: {a: '${NOT_SET}'}
                rules:
                - {on: mount, deny: E}
                """))
        .containsExactlyInAnyOrder(
            "p.yaml:2:1: error: unknown key 'nmae' in a policy; did you mean 'name'?",
            "p.yaml:1:9: error: this version of sluice reads 'sluice: v1' only",
            "p.yaml:3:10: error: 'default' is one of allow, deny, log, trap, kill, or a mapping"
                + " such as '{ deny: EACCES }', not 'maybe'",
            "p.yaml:4:10: error: 'require' can be 'emulated', not 'racy'",
            "p.yaml:5:24: error: 'record' takes all, or actions such as deny and emulate, not"
                + " 'lots'",
            "p.yaml:6:17: error: unknown architecture 'x86_65'; known are x86_64, i386, aarch64",
            "p.yaml:7:11: error: the environment has no variable NOT_SET",
            "p.yaml:9:21: error: 'deny' takes an errno such as EACCES, not 'E'");
  }

  @ParameterizedTest
  @CsvSource({"emulate: mount, emulate", "redirect: /dev/null, emulate", "ask: {}, ask"})
  void aDefaultThatNeedsACallToServeIsRefused(String action, String keyword) {
    assertThat(complaintsAbout("sluice: v1\ndefault: {" + action + "}\n"))
        .containsExactly(
            "p.yaml:2:10: error: 'default' cannot be "
                + keyword
                + ": write a rule for the calls it is about");
  }

  @Test
  void whatIsNoPolicyIsRefused() {
    assertThat(complaintsAbout(""))
        .containsExactly("p.yaml:1:1: error: the file is empty; a policy begins with 'sluice: v1'");
    assertThat(complaintsAbout("hello"))
        .containsExactly("p.yaml:1:1: error: a policy must be a mapping of keys, not 'hello'");
    assertThat(complaintsAbout("sluice: v1"))
        .containsExactly(
            "p.yaml:1:1: error: a policy needs 'rules', or a 'default' other than allow");
    assertThat(complaintsAbout("rules: []"))
        .containsExactly(
            "p.yaml:1:1: error: the key 'sluice' is missing; this version is 'sluice: v1'");
    assertThat(complaintsAbout("sluice: v1\nrules: [\n"))
        .singleElement()
        .asString()
        .startsWith("p.yaml:3:1: error: this is not YAML: ");
    assertThat(complaintsAbout("sluice: v1\nname: a\nname: b\nrules: []\n"))
        .containsExactly("p.yaml:3:1: error: the key 'name' stands here twice");
  }

  @Test
  void whoDecidesOneCallByItsPathMustDecideItsFamily() {
    String openat = "{on: openat, deny: EACCES, when: 'path.under(\"/secret\")'}";
    assertThat(complaintsAbout(withRule(openat)))
        .containsExactly(
            "p.yaml:4:3: error: openat decided here, but not creat, open, openat2, which can do the"
                + " same: write 'on: \"@open\"'");
    assertThat(complaintsAbout(withRule(openat) + "- {on: [creat, open, openat2], deny: EACCES}"))
        .isEmpty();
    assertThat(complaintsAbout(withRule("{on: openat, deny: EACCES, when: 'flags == 0'}")))
        .isEmpty();
  }

  @Test
  void whatOnlyARaceCouldEnforceIsRefused() {
    String rule = "{on: umount2, deny: EPERM, when: 'task.comm == \"x\"'%s}";
    assertThat(complaintsAbout(withRule(rule.formatted(""))))
        .containsExactly(
            "p.yaml:4:3: error: sluice cannot perform umount2 itself, so what this rule looks at"
                + " could be exchanged before the kernel looks again; leave umount2 out, decide by"
                + " registers, or accept the race with 'unsafe: continue'");
    String unsafe = withRule(rule.formatted(", unsafe: continue"));
    assertThat(complaintsAbout(unsafe)).isEmpty();
    assertThat(complaintsAbout(unsafe + "require: emulated\n"))
        .containsExactly(
            "p.yaml:4:3: error: the policy says 'require: emulated', but this rule accepts a race"
                + " for umount2");
  }

  @Test
  void whatOnlyTheKernelCanDoIsNotLeftToTheSupervisor() {
    assertThat(complaintsAbout(withRule("{on: '@open', trap: , when: 'path.under(\"/a\")'}")))
        .contains(
            "p.yaml:4:3: error: only the kernel can 'trap', and it cannot evaluate what decides"
                + " open here; use deny, or kill: process");
  }
}
