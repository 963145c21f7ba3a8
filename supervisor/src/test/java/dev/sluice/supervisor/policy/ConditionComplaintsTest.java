package dev.sluice.supervisor.policy;

import static dev.sluice.supervisor.policy.Policies.complaintsAbout;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is wrong with a condition is said with its place in it.
class ConditionComplaintsTest {
  /// A policy whose rule is one line, the fourth, and begins in column 3.
  private static String withRule(String rule) {
    return "sluice: v1\nname: p\nrules:\n- " + rule + "\n";
  }

  /// The same with a condition, which begins in column 8 of the seventh.
  private static String withCondition(String when) {
    return withRule("on: mount\n  deny: EIO\n  when: '" + when + "'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      quoteCharacter = '`',
      textBlock =
          """
          mount   => flgs == 1                      => 4:33: error: unknown name 'flgs'; did you mean 'flags'?
          mount   => flags === 1                    => 4:41: error: there is no operator '='; did you mean '=='?
          mount   => flags == "1"                   => 4:39: error: '==' does not take a number and a text
          mount   => flags                          => 4:33: error: 'when' must be true or false, not a number
          mount   => target > "/a"                  => 4:40: error: texts are compared with == and != only
          mount   => target.under("a")              => 4:46: error: 'a' must begin with /, ~ or **, as it is compared with absolute paths
          mount   => target.glob("/a/[b")           => 4:45: error: a [ has no ]
          mount   => target == source               => 4:33: error: a constant text is needed here
          mount   => flags in [1, 2 + 4294967295]   => 4:48: error: 'flags' of mount is from 0 to 4294967295, never 4294967297
          setuid  => uid == 4294967296              => 4:41: error: 'uid' of setuid is from 0 to 4294967295, never 4294967296
          setuid  => uid == -1                      => 4:42: error: 'uid' of setuid is from 0 to 4294967295, never -1
          kill    => pid > 2147483647 + 1           => 4:49: error: 'pid' of kill is from -2147483648 to 2147483647, never 2147483648
          kill    => pid == sig                     => 4:36: error: one side of a comparison must be a constant number
          mount   => flags.has(MS_MGC_VAL)          => 4:43: error: the kernel takes MS_MGC_VAL away before it looks at the flags, and 'flags' is without it, too; leave it out
          mount   => mountflags == 4096 + MS_MGC_VAL => 4:52: error: the kernel takes MS_MGC_VAL away before it looks at the flags, and 'mountflags' is without it, too; leave it out
          fchmod  => mode.has(65536)                => 4:43: error: 'mode' of fchmod has 16 bits, and 65536 is beyond them
          fchmod  => math.bitAnd(mode, 65536) == 0  => 4:52: error: 'mode' of fchmod has 16 bits, and 65536 is beyond them
          fchmod  => math.bitAnd(mode, S_ISUID) == 1 => 4:64: error: 1 has bits that the mask 0x800 does not let through
          fchmod  => mode.has(S_ISUDI)              => 4:43: error: unknown constant 'S_ISUDI'; did you mean 'S_ISUID'?
          fchmod  => args[6] == 1                   => 4:38: error: there are args[0] to args[5]
          fchmod  => args[fd] == 1                  => 4:38: error: there are args[0] to args[5]
          fchmod  => args[0] == "x"                 => 4:42: error: one side of a comparison must be a constant number
          fchmod  => args[0] == -1                  => 4:46: error: 'args[0]' of fchmod is from 0 to 9223372036854775807, never -1
          fchmod  => task.caps.has(2)               => 4:48: error: a capability is needed here, such as CAP_CHOWN
          fchmod  => container.id > "a"             => 4:47: error: texts are compared with == and != only
          lseek   => offset < 9223372036854775807 + 1 => 4:62: error: this is more than a number can be
          fchmod  => fd ==                          => 4:39: error: the condition ends here, but is not complete
          fchmod  => fd == 1 )                      => 4:42: error: ')' cannot stand here
          fchmod  => (fd == 1                       => 4:42: error: ')' is missing
          fchmod  => fd == 1 fd                     => 4:42: error: 'fd' cannot stand here
          fchmod  => fd == 1 && && fd == 2          => 4:45: error: '&&' cannot stand here
          fchmod => fd == 1 ? true false    => 4:49: error: ':' is missing before 'false'
          fchmod => args[0 == 1             => 4:45: error: ']' is missing
          fchmod  => fd & 1                         => 4:37: error: there is no operator '&'; did you mean '&&'?
          fchmod  => fd # 1                         => 4:37: error: there is no operator '#'
          mount   => target == "abc                 => 4:43: error: this text does not end, or has an escape that CEL does not know
          mount   => target == "\\q"                => 4:43: error: this text does not end, or has an escape that CEL does not know
          fchmod  => if == 1                        => 4:34: error: 'if' is a word that CEL keeps for itself
          fchmod  => fd == 99999999999999999999     => 4:40: error: this is more than a number can be
          fchmod  => -9223372036854775809 == fd     => 4:34: error: this is more than a number can be
          fchmod  => fd.?x == 1                     => 4:36: error: a condition cannot use '.?'
          fchmod  => fd == "\\ud800"                => 4:40: error: this is no condition: Invalid unicode code point
          fchmod  => zzzzzzzzz == 1                 => 4:34: error: unknown name 'zzzzzzzzz'; here are fd, mode, task.uid, task.gid, task.pid, task.tid, task.caps, task.exe, task.cwd, task.comm, args, container.id, container.bundle, container.namespace, container.pod, container.name, container.image, container.annotations
          fchmod  => FOO_BAR == 1                   => 4:34: error: unknown constant 'FOO_BAR'
          fchmod  => container == "x"               => 4:34: error: unknown name 'container'; did you mean 'container.id'?
          fchmod  => vars.b == "x"                  => 4:34: error: unknown name 'vars.b'; here are fd, mode, task.uid, task.gid, task.pid, task.tid, task.caps, task.exe, task.cwd, task.comm, args, container.id, container.bundle, container.namespace, container.pod, container.name, container.image, container.annotations
          fchmod  => foo(fd)                        => 4:37: error: a condition cannot use 'foo'
          fchmod  => -fd == 1                       => 4:34: error: a condition cannot use '-'
          fchmod  => [fd].size() == 1               => 4:43: error: a condition cannot use 'size'
          fchmod  => fd                             => 4:34: error: 'when' must be true or false, not a number
          fchmod  => "x"                            => 4:34: error: 'when' must be true or false, not a text
          fchmod  => [1]                            => 4:34: error: 'when' must be true or false, not a list
          fchmod  => null                           => 4:34: error: 'when' must be true or false, not null
          fchmod  => container.annotations          => 4:34: error: 'when' must be true or false, not a map
          fchmod  => fd == 1u                       => 4:37: error: '==' does not take a number and an unsigned number
          fchmod  => fd == 1.5                      => 4:37: error: '==' does not take a number and a number with a point
          fchmod  => fd == true                     => 4:37: error: '==' does not take a number and a truth
          fchmod  => fd == null                     => 4:37: error: '==' does not take a number and null
          fchmod  => container.annotations == "x"   => 4:56: error: '==' does not take a map and a text
          connect => address == "x"                 => 4:43: error: '==' does not take an address and a text
          fchmod  => fd || true                     => 4:37: error: '||' does not take a number and a truth
          fchmod  => !fd                            => 4:34: error: '!' does not take a number
          fchmod  => fd ? true : false              => 4:37: error: '? :' does not take a number and a truth and a truth
          fchmod  => fd.x == 1                      => 4:36: error: a number has no parts; a function has brackets, as in flags.has(O_CREAT)
          connect => address.host == "x"            => 4:42: error: an address has family, ip, port and path
          mount   => fstype in "tmpfs"              => 4:40: error: 'in' does not take a text and a text; it is written as in fstype in ["tmpfs", "proc"]
          mount   => fstype.in("a")                 => 4:42: error: 'in' with brackets is for addresses; others are in a list: fstype in ["tmpfs"]
          connect => address.in(5)                  => 4:45: error: 'in' is for addresses and takes texts: address.in("10.0.0.0/8", "::1"), up to 16, or a list
          connect => address.in("x")                => 4:46: error: 'x' is no network or address; these are: 10.0.0.0/8, 192.0.2.7, fd00::/8, ::1
          fchmod  => args["x"] == 1                 => 4:38: error: '[]' does not take a list and a text; it is written as in args[0]
          fchmod  => fd.has()                       => 4:40: error: 'has' does not take a number; it is written as in flags.has(O_CREAT)
          mount   => target.has(1)                  => 4:43: error: 'has' does not take a text and a number; it is written as in flags.has(O_CREAT)
          mount   => target.under(1)                => 4:45: error: 'under' does not take a text and a number; it is written as in path.under("/etc")
          mount   => target.above(1)                => 4:45: error: 'above' does not take a text and a number; it is written as in path.above("/etc")
          mount   => target.glob(1)                 => 4:44: error: 'glob' does not take a text and a number; it is written as in path.glob("/etc/**")
          mount   => target.startsWith(1)           => 4:50: error: 'startsWith' does not take a text and a number; it is written as in path.startsWith("/etc/")
          mount   => target.endsWith(1)             => 4:48: error: 'endsWith' does not take a text and a number; it is written as in path.endsWith(".conf")
          mount   => target.contains(1)             => 4:48: error: 'contains' does not take a text and a number; it is written as in path.contains("secret")
          fchmod  => math.bitAnd(fd) == 3           => 4:45: error: 'math.bitAnd' does not take a number; it is written as in math.bitAnd(flags, O_ACCMODE) == O_WRONLY
          fchmod  => fd in args                     => 4:37: error: 'in' needs a list such as ["tmpfs", "proc"]
          fchmod  => (fd + 1) == 2                  => 4:38: error: a variable is needed here, such as flags
          mount   => (target + "a") == "b"          => 4:41: error: a variable is needed here, such as path
          fchmod  => task.caps == 5                 => 4:38: error: capabilities are tested one by one: task.caps.has(CAP_CHOWN)
          fchmod  => mode.has(fd)                   => 4:43: error: a constant number is needed here
          "@open" => access.read < access.write     => 4:47: error: truths are compared with == and != only
          mount   => target == "a\\u0000"           => 4:43: error: no text of a call has U+0000
          mount   => target.glob("/{a")             => 4:45: error: a { has no }
          mount   => target.glob("/a\\\\")          => 4:45: error: there is nothing behind the last \\
          mount   => target.glob("/{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}") => 4:45: error: its braces and ** stand for more than 64 patterns
          "@open" => path == "~/.netrc"             => 4:43: error: '~/.netrc': only under, above and glob take ~ for the home directory
          "@open" => path.startsWith("~/.ssh")      => 4:51: error: '~/.ssh': only under, above and glob take ~ for the home directory
          "@open" => path in ["/a", "etc/passwd"]   => 4:50: error: 'etc/passwd' does not begin with /, as every path does here
          "@open" => path.startsWith("etc/")        => 4:51: error: 'etc/' does not begin with /, as every path does here
          "@open" => path == "/etc/"                => 4:43: error: '/etc/' can be no path here, as they have neither . nor .. nor a / too many; did you mean '/etc'?
          "@open" => path == "/etc/../shadow"       => 4:43: error: '/etc/../shadow' can be no path here, as they have neither . nor .. nor a / too many; did you mean '/shadow'?
          "@open" => "//etc" != path                => 4:35: error: '//etc' can be no path here, as they have neither . nor .. nor a / too many; did you mean '/etc'?
          "@open" => path.startsWith("/etc//x")     => 4:51: error: '/etc//x' can be no path here, as they have neither . nor .. nor a / too many
          "@open" => path.glob("/srv/*/../x")       => 4:45: error: '/srv/*/../x' can be no path here, as they have neither . nor .. nor a / too many
          "@open" => path.glob("/srv/*/")           => 4:45: error: '/srv/*/' can be no path here, as they have neither . nor .. nor a / too many
          umount2 => target == "mnt"                => 4:45: error: 'mnt' does not begin with /, as every path does here
          fchmod  => task.exe == "/usr/bin/../sh"   => 4:46: error: '/usr/bin/../sh' can be no path here, as they have neither . nor .. nor a / too many; did you mean '/usr/sh'?
          bind    => address.path == "run/x"        => 4:48: error: 'run/x' does not begin with /, as every path does here
          connect => address.ip == "FD00::1"        => 4:49: error: 'FD00::1' is written otherwise here; did you mean 'fd00::1'?
          connect => address.ip in ["::ffff:10.0.0.1"] => 4:50: error: '::ffff:10.0.0.1' is written otherwise here; did you mean '10.0.0.1'?
          connect => address.ip == "10.0.0.0/8"     => 4:49: error: '10.0.0.0/8' is a network: write address.in("10.0.0.0/8")
          connect => address.ip == "localhost"      => 4:49: error: 'localhost' is no network or address; these are: 10.0.0.0/8, 192.0.2.7, fd00::/8, ::1
          "@open" => flags.has(O_RDONLY)            => 4:45: error: this is 0, which every number has, so that it would always hold; compare the bits in question: math.bitAnd(flags, O_ACCMODE) == O_RDONLY
          openat  => flags.has(O_TMPFILE + O_DIRECTORY) => 4:54: error: what is added has bits in common (0x10000), so that the sum has others; leave out what the rest contains
          openat  => flags == O_SYNC + O_DSYNC + O_CREAT => 4:50: error: what is added has bits in common (0x1000), so that the sum has others; leave out what the rest contains
          fchmod  => math.bitAnd(mode, 64 + 64) == 0 => 4:55: error: what is added has bits in common (0x40), so that the sum has others; leave out what the rest contains
          fchmod  => 1 == 1                         => 4:34: error: a variable is needed here, such as flags
          """)
  void nameThePlaceAndWhatIsMeant(String call, String when, String complaint) {
    assertThat(complaintsAbout(withRule("{on: " + call + ", deny: EIO, when: '" + when + "'}")))
        .containsExactly("p.yaml:" + complaint);
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
        .containsExactly("p.yaml:7:9: error: unknown name 'udi'; did you mean 'uid'?");
  }

  /// The kernel may take either from an i386 caller.
  @Test
  void aNameOfTwoNumbersIsNotTakenForOneOfThem() {
    String rule = "- {on: ioctl, deny: EIO, when: 'op in [FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR]'}\n";
    String head = "sluice: v1\narchitectures: [%s]\nrules:\n";
    assertThat(complaintsAbout(head.formatted("x86_64, i386") + rule))
        .containsExactly(
            "p.yaml:4:40: error: FS_IOC_SETFLAGS is 0x40086602, but 0x40046602 in calls of i386;"
                + " write both numbers");
    assertThat(complaintsAbout(head.formatted("x86_64") + rule)).isEmpty();
  }

  @Test
  void aVariableThatOnlySomeCallsOfARuleHaveIsExplained() {
    assertThat(complaintsAbout(withRule("{on: [setuid, setgid], deny: EIO, when: 'uid == 1'}")))
        .containsExactly(
            "p.yaml:4:44: error: setgid has no 'uid', which other calls of this rule have");
  }

  @Test
  void whatIsLongerThanAnybodyWritesIsRefused() {
    assertThat(complaintsAbout(withCondition("target == \"" + "a".repeat(4096) + "\"")))
        .containsExactly("p.yaml:6:20: error: a text here has fewer than 4096 bytes");
    assertThat(complaintsAbout(withCondition("(".repeat(251) + "true" + ")".repeat(251))))
        .containsExactly("p.yaml:6:10: error: a condition can be 250 deep, and this one is deeper");
    assertThat(complaintsAbout(withCondition("true" + " ".repeat(100_000))))
        .containsExactly(
            "p.yaml:6:10: error: a condition has 100000 characters at most, and this one has"
                + " 100004");
    String many = "/{a,b,c}" + "x".repeat(3000);
    assertThat(complaintsAbout(withCondition("target.glob(\"" + many + "\")")))
        .containsExactly(
            "p.yaml:6:22: error: what its braces and ** stand for is longer than 8192 bytes");
    String rules =
        ("- {on: \"@open\", deny: EIO, when: 'path in [" + "\"/a\",".repeat(9000) + "\"/b\"]'}\n")
            .repeat(20);
    assertThat(complaintsAbout("sluice: v1\nrules:\n" + rules))
        .containsExactly(
            "p.yaml:16:24489: error: the conditions up to here make more than 500000 tests, each"
                + " counted for every call of its rule: say it in fewer");
  }

  @Test
  void whoHasNoHomeCannotSpeakOfIt() {
    assertThat(complaintsAbout(withCondition("target.under(\"~/x\")"), Map.of("HOME", "x")))
        .containsExactly("p.yaml:6:23: error: '~/x': HOME is 'x', which is no absolute path");
    assertThat(complaintsAbout(withCondition("target.glob(\"~/x\")"), Map.of()))
        .containsExactly("p.yaml:6:22: error: '~/x': the environment has no variable HOME");
    String served = "sluice: v1\nrules:\n- {on: '@open', serve: {file: ~/x}}\n";
    assertThat(complaintsAbout(served, Map.of()))
        .containsExactly("p.yaml:3:31: error: '~/x': the environment has no variable HOME");
  }
}
