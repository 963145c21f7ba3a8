package dev.sluice.supervisor.policy;

import static dev.sluice.supervisor.policy.Policies.complaintsAbout;
import static dev.sluice.supervisor.policy.Policies.withRule;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is wrong with a policy is said with its place, and with what would be right.
class ComplaintsTest {
  @Test
  void recordsAreBoundedOrLossless() {
    assertThat(complaintsAbout("sluice: v1\ndefault: deny\naudit: { record: all, mode: slow }\n"))
        .containsExactly("p.yaml:3:29: error: 'mode' is bounded or lossless, not 'slow'");
    assertThat(complaintsAbout("sluice: v1\ndefault: deny\naudit: { arguments: [argv, envp] }\n"))
        .containsExactly("p.yaml:3:28: error: 'arguments' takes argv, env and data, not 'envp'");
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
          {on: [], deny: EACCES}           | 4:8: error: 'on' names no call, so that the rule would never decide
          {on: mount, deny: EACESS}        | 4:21: error: 'deny' takes an errno such as EACCES, not 'EACESS'
          {on: mount, deny: EIO, allow: }  | 4:26: error: a rule has one action; this one has deny and allow
          {on: mount, dney: EIO, allow: }  | 4:15: error: unknown key 'dney' in a rule; did you mean 'deny'?
          {on: mount, return: x}           | 4:23: error: 'return' must be a whole number, not 'x'
          {on: mount, kill: all}           | 4:21: error: 'kill' is either thread or process
          {on: mount, trace: 65536}        | 4:22: error: 'trace' takes a number from 0 to 65535
          {on: mount, allow: false}        | 4:22: error: 'allow' takes no value
          {on: mount, allow: ''}           | 4:22: error: 'allow' takes no value
          {hide: no}                       | 4:10: error: 'hide' takes no value
          {read-only: [/usr]}              | 4:15: error: 'read-only' takes no value
          {on: mount, trap: 1}             | 4:21: error: 'trap' takes no value
          {on: mount, log: {}}             | 4:20: error: 'log' takes no value
          {on: mount, ask: {timeout: 5}}   | 4:30: error: 'timeout' takes a time such as 500ms, 60s or 5m, not '5'
          {on: mount, ask: {timeout: 999999999s}} | 4:30: error: 'timeout' takes 525600m at most, which is a year, not '999999999s'
          {on: mount, ask: {remember: me}} | 4:31: error: 'remember' is one of nothing, path, directory
          {serve: x}                       | 4:11: error: 'serve' must be a mapping of keys, not 'x'
          {serve: {}}                      | 4:11: error: 'serve' takes one of content, file and template, as in '{ content: "text" }'
          {serve: {content: a, file: b}}   | 4:11: error: 'serve' takes one of content, file and template, as in '{ content: "text" }'
          {serve: {conent: a, content: b}} | 4:12: error: unknown key 'conent' in 'serve'; did you mean 'content'?
          {serve: {file: none}}            | 4:18: error: there is no file "none"
          {serve: {template: '${vars.a}'}} | 4:22: error: a template cannot name 'vars.a'; it can name task.uid, task.gid, task.pid, task.tid, task.comm, task.exe, machine.meminfo, machine.cpuinfo, machine.stat, machine.uptime, machine.loadavg, machine.swaps, machine.online
          {serve: {template: '${task.ud}'}} | 4:22: error: a template cannot name 'task.ud'; did you mean 'task.uid'?
          {serve: {template: '${NOT_SET}'}} | 4:22: error: the environment has no variable NOT_SET
          {on: chdir, serve: {content: a}} | 4:3: error: 'serve' is for calls that name a file, not for chdir; leave out 'on' for all of them
          {on: [open, bind], hide: }       | 4:3: error: 'hide' is for calls that name a file, not for bind; leave out 'on' for all of them
          {on: dup, emulate: rename}       | 4:3: error: the handler 'rename' does not serve dup, but rename, renameat, renameat2
          {on: dup, allow: , limit: 10}    | 4:29: error: 'limit' takes a rate such as 10/s, 100/min or 1000/h, not '10'
          {on: dup, allow: , limit: 0/s}   | 4:29: error: 'limit' takes a rate such as 10/s, 100/min or 1000/h, not '0/s'
          {on: dup, allow: , limit: {}}    | 4:29: error: 'rate' is missing: how many calls, such as 10/s
          {on: dup, allow: , limit: {rate: 5/m}} | 4:36: error: 'rate' takes a rate such as 10/s, 100/min or 1000/h, not '5/m'
          {on: dup, allow: , limit: {rate: 5/h, burst: 0}} | 4:48: error: 'burst' takes a number from 1 to 1000000
          {on: dup, allow: , limit: {rate: 5/h, bust: 1}} | 4:41: error: unknown key 'bust' in 'limit'; did you mean 'burst'?
          {on: dup, allow: , limit: {rate: 5/h, otherwise: EAGIAN}} | 4:52: error: 'otherwise' takes an errno such as EACCES, not 'EAGIAN'
          {on: dup, deny: EIO, limit: 1/s} | 4:24: error: 'limit' is for calls that get what they ask for, not for 'deny'
          {hide: , limit: 1/s}             | 4:12: error: 'limit' is for calls that get what they ask for, not for 'hide'
          {on: mount, allow: , audit: no}  | 4:31: error: 'audit' is one of never, always, alert, exact
          {on: mount, allow: , unsafe: so} | 4:32: error: 'unsafe' can only be 'continue'
          {on: mount, emulate: muont}      | 4:3: error: unknown handler 'muont'; did you mean 'mount'?
          {on: chdir, emulate: mount}      | 4:3: error: the handler 'mount' does not serve chdir, but fsconfig, fsmount, fsopen, mount, move_mount
          {on: chdir, emulate: {images: x}} | 4:24: error: 'handler' is missing: the name of what emulates the call
          {on: mount, emulate: {handler: mount, fuse: /bin/x}} | 4:3: error: the handler 'mount': 'fuse' is the name of a program, such as 'fuse2fs', not '/bin/x'
          {on: mount, emulate: {handler: mount, image: x}} | 4:3: error: the handler 'mount': it takes the options 'images', 'devices', 'most' and 'fuse', not [image]
          {on: mount, emulate: {handler: mount, images: read-only, devices: sda}} | 4:3: error: the handler 'mount': 'devices' takes a list such as 'c 1:3, b 7:0', not 'sda'
          {on: mount, emulate: {handler: mount, images: read-only, devices: 'b 7:0, c 1:3'}} | 4:3: error: the handler 'mount': 'devices' takes a list of block devices such as 'b 7:0', not 'b 7:0, c 1:3'
          {on: mount, emulate: {handler: mount, images: x}} | 4:3: error: the handler 'mount': 'images' is 'read-only' or 'writable', not 'x'
          {on: mount, emulate: {handler: mount, images: read-only, most: 0}} | 4:3: error: the handler 'mount': 'most' is a number from 1 to 9999, not '0'
          {on: mount, emulate: {handler: mount, fuse: fuse2fs, most: 2}} | 4:3: error: the handler 'mount': 'most' is for images that the kernel reads, not for those of 'fuse'
          {on: '@open', emulate: {handler: open, a: b}} | 4:3: error: the handler 'open': it takes no options, but there is 'a'
          {on: '@open', emulate: {handler: redirect, a: b}} | 4:3: error: the handler 'redirect': it takes one option, 'to': the file to open instead
          {on: '@open', redirect: a/b}     | 4:3: error: the handler 'redirect': 'a/b' must be an absolute path
          {on: mount, return: 9999999999999999999} | 4:23: error: 'return' is out of range: 9999999999999999999
          {on: mount, deny: }              | 4:20: error: 'deny' must be a text, not nothing
          {on: [mount, [dup]], deny: EIO}  | 4:16: error: 'on' must be a text, not a list
          {on: mount, deny: {}}            | 4:21: error: 'deny' must be a text, not a mapping
          {on: mount, deny: EIO, name: "\\0"} | 4:32: error: 'name' must be a text without U+0000
          {on: mount, deny: EIO, name: "\\ud800"} | 4:32: error: 'name' must be a text without U+D800
          {on: mount, deny: EIO, "\\0": a} | 4:26: error: a key must be a word
          {on: mount, deny: EIO, ? [a] : b} | 4:28: error: a key must be a word
          {on: mount, deny: EIO, name: default} | 4:32: error: a rule cannot be called 'default': that is what decides where no rule does
          {on: mount, deny: EIO, name: ' guard '} | 4:32: error: a rule cannot be called 'guard': that is what decides where no rule does
          {serve: {file: /}}               | 4:18: error: "/" is no regular file
          {serve: {file: /dev/zero}}       | 4:18: error: "/dev/zero" is no regular file
          {serve: {file: /proc/self/mem}}  | 4:18: error: the file "/proc/self/mem" cannot be read: Input/output error
          nothing                          | 4:3: error: each of 'rules' must be a mapping of keys, not 'nothing'
          """)
  void ofARuleNameThePlaceAndWhatIsMeant(String rule, String complaint) {
    assertThat(complaintsAbout(withRule(rule))).containsExactly("p.yaml:" + complaint);
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
  @CsvSource({
    "emulate: mount, emulate",
    "redirect: /dev/null, redirect",
    "hide: , hide",
    "read-only: , read-only",
    "ask: {}, ask"
  })
  void aDefaultThatNeedsACallToServeIsRefused(String action, String keyword) {
    assertThat(complaintsAbout("sluice: v1\ndefault: {" + action + "}\n"))
        .containsExactly(
            "p.yaml:2:10: error: 'default' cannot be "
                + keyword
                + ": write a rule for the calls it is about");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          30                               | 2:11: error: 'deadline' takes a time such as 500ms, 60s or 5m, not '30'
          0s                               | 2:11: error: 'deadline' takes a time such as 500ms, 60s or 5m, not '0s'
          525601m                          | 2:11: error: 'deadline' takes 525600m at most, which is a year, not '525601m'
          {after: 999999999m}              | 2:19: error: 'after' takes 525600m at most, which is a year, not '999999999m'
          [30s]                            | 2:11: error: 'deadline' must be a text, not a list
          {}                               | 2:11: error: 'after' is missing: how long to wait, such as 30s
          {otherwise: EIO}                 | 2:11: error: 'after' is missing: how long to wait, such as 30s
          {after: soon}                    | 2:19: error: 'after' takes a time such as 500ms, 60s or 5m, not 'soon'
          {after: 30s, otherwise: ETIMEOUT} | 2:35: error: 'otherwise' takes an errno such as EACCES, not 'ETIMEOUT'
          {after: 30s, otherwhise: EIO}    | 2:24: error: unknown key 'otherwhise' in 'deadline'; did you mean 'otherwise'?
          """)
  void ofADeadlineNameThePlaceAndWhatIsMeant(String deadline, String complaint) {
    String rule = "rules: [{on: '@open', deny: EACCES, when: 'path.under(\"/a\")'}]\n";
    assertThat(complaintsAbout("sluice: v1\ndeadline: " + deadline + "\n" + rule))
        .containsExactly("p.yaml:" + complaint);
  }

  @Test
  void aDeadlineForWhatTheKernelDecidesIsRefused() {
    assertThat(complaintsAbout("sluice: v1\nrules: [{on: dup, deny: EIO}]\ndeadline: 30s\n"))
        .containsExactly(
            "p.yaml:3:1: error: the kernel decides every call of this policy, so that 'deadline'"
                + " would do nothing");
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          unlink             | unlink              | unlinkat
          unlinkat, unlink   | unlinkat            | rmdir
          mkdirat            | mkdirat             | mkdir
          mknod              | mknod               | mknodat
          symlink            | symlink             | symlinkat
          chmod, fchmodat    | chmod, fchmodat     | fchmodat2
          fchownat           | fchownat            | chown, lchown
          utimensat          | utimensat           | futimesat, utime, utimes
          setxattr           | setxattr            | lsetxattr, setxattrat
          removexattrat      | removexattrat       | lremovexattr, removexattr
          """)
  void whoDecidesAChangeByItsPathMustDecideItsFamily(String calls, String named, String left) {
    assertThat(
            complaintsAbout(
                withRule("{on: [" + calls + "], deny: EACCES, when: 'path.under(\"/secret\")'}")))
        .containsExactly(
            "p.yaml:4:3: error: "
                + named
                + " decided here, but not "
                + left
                + ", which can do the same: name them all");
  }

  @Test
  void callsThatTheArchitecturesOfAPolicyDoNotHaveDoNotCount() {
    String truncate = "{on: truncate, deny: EACCES, when: 'path.under(\"/secret\")'}";
    String both = withRule(truncate).replace("rules:", "architectures: [x86_64, i386]\nrules:");
    assertThat(complaintsAbout(withRule(truncate))).isEmpty();
    assertThat(complaintsAbout(both))
        .containsExactly(
            "p.yaml:5:3: error: truncate decided here, but not truncate64, which can do the same:"
                + " name them all");
  }

  @Test
  void whatOnlyTheKernelCanDoIsNotLeftToTheSupervisor() {
    assertThat(complaintsAbout(withRule("{on: '@open', trap: , when: 'path.under(\"/a\")'}")))
        .contains(
            "p.yaml:4:3: error: only the kernel can 'trap', and it cannot evaluate what decides"
                + " open here; use deny, or kill: process");
  }

  @Test
  void whoseIdentityChangesIsNotLeftToATracer() {
    String rule = "{on: %s, trace: 1}\n- {on: '@open', when: 'path.under(\"/a\")', deny: EIO}";
    assertThat(complaintsAbout(withRule(rule.formatted("setuid"))))
        .containsExactly(
            "p.yaml:4:3: error: a tracer lets setuid take place unseen, and the supervisor has to"
                + " know whose identity changes; use allow, or deny");
    assertThat(complaintsAbout(withRule(rule.formatted("sync")))).isEmpty();
    assertThat(complaintsAbout(withRule("{on: setuid, trace: 1}"))).isEmpty();
  }

  @Test
  void whatADefaultCannotSayIsNotIgnored() {
    assertThat(complaintsAbout("{sluice: v1, default: {deny: EIO, audit: always}}"))
        .containsExactly(
            "p.yaml:1:35: error: unknown key 'audit' in 'default'; it takes allow, ask, deny,"
                + " emulate, hide, kill, log, read-only, redirect, return, serve, trace, trap");
  }

  @Test
  void namesAreNotHiddenFromCallersThatListDirectoriesInAnotherWay() {
    String hide = "sluice: v1\narchitectures: [x86_64, i386]\nrules:\n- {on: %s, hide: }\n";
    assertThat(complaintsAbout(hide.formatted("[open, newfstatat]")))
        .contains(
            "p.yaml:4:3: error: sluice cannot list directories for i386, so that names could not be"
                + " hidden; leave it out of 'architectures'");
    assertThat(complaintsAbout(hide.formatted("open"))).isEmpty();
  }

  @Test
  void architecturesHaveOneName() {
    assertThat(complaintsAbout("{sluice: v1, rules: [], architectures: X86_64}"))
        .containsExactly(
            "p.yaml:1:40: error: unknown architecture 'X86_64'; known are x86_64, i386, aarch64");
  }
}
