package dev.sluice.supervisor.policy.diff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.policy.Policies;
import dev.sluice.supervisor.policy.RandomWhen;
import dev.sluice.supervisor.policy.RandomWhen.Expression;
import dev.sluice.supervisor.policy.inspect.ReportJson;
import dev.sluice.supervisor.syscall.Arch;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What two policies decide differently.
class PolicyDiffTest {
  private static String diff(String before, String after) {
    return text(PolicyDiff.of(Policies.compile(before), Policies.compile(after)));
  }

  private static String text(List<Change> changes) {
    return String.join("\n", changes.stream().map(Change::toString).toList());
  }

  private static String rules(String rule) {
    return "{sluice: v1, rules: [" + rule + "]}";
  }

  @Test
  void whatOnlyLooksDifferentIsTheSame() {
    assertThat(diff(rules("{on: dup, deny: EIO}"), rules("{name: n, on: [dup], deny: EIO}")))
        .isEmpty();
    assertThat(
            diff(
                rules("{on: dup, when: fd < 5, deny: EIO}"),
                rules("{on: dup, when: fd <= 4, deny: EIO}")))
        .isEmpty();
    assertThat(
            diff(
                rules("{on: dup, when: fd == 5 || fd == 6, deny: EIO}"),
                rules("{on: dup, when: 'fd in [6, 5]', deny: EIO}, {on: dup, allow: }")))
        .isEmpty();
  }

  @Test
  void quotesOfTextsAreNotThoseAroundThem() {
    String rule = "{name: a, on: '@open', when: '%s', deny: EIO}";
    assertThat(
            diff(
                rules(rule.formatted("path == \"/a\" || path == \"/b\"")),
                rules(rule.formatted("path == \"/a\\\" || path == \\\"/b\""))))
        .contains("was: deny EIO by 'a'", "now: allow by default", "as in: creat(pathname=/a)");
    assertThat(
            diff(
                rules(rule.formatted("path.glob(\"/a\") || path.glob(\"/b\")")),
                rules(rule.formatted("path.glob(\"/a\\\") || path.glob(\\\"/b\")"))))
        .contains("was: deny EIO by 'a'", "now: allow by default", "as in: creat(pathname=/a)");
  }

  @Test
  void callsThatChangeInTheSameWayAreOneChange() {
    assertThat(diff(rules("{name: a, on: [dup, dup3], deny: EIO}"), "{sluice: v1, default: allow}"))
        .isEqualTo(
            """
            x86_64: dup, dup3:
              was: deny EIO by 'a' (p.yaml:1:22)
              now: allow by default
              as in: dup()\
            """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "serve: {content: a} | serve: {content: b} | serve \"a\" | serve \"b\"",
        "serve: {content: a} | hide: | serve \"a\" | hide",
        "read-only: | redirect: /a | read-only | redirect \"/a\"",
        "redirect: /a | redirect: /b | redirect \"/a\" | redirect \"/b\"",
        "ask: {remember: path} | ask: {otherwise: EIO, timeout: 500ms, remember: directory}"
            + " | ask (otherwise: EACCES, remember: path, timeout: 60s)"
            + " | ask (otherwise: EIO, remember: directory, timeout: 500ms)",
        "allow: , limit: 1/s | allow: , limit: 2/s | allow (at most 1/s, 1 at once, then EAGAIN)"
            + " | allow (at most 2/s, 2 at once, then EAGAIN)",
        "allow: , limit: {rate: 1/s, otherwise: EIO} | allow: | allow (at most 1/s, 1 at once, then"
            + " EIO) | allow",
      })
  void whatAnActionDoesIsPartOfIt(String before, String after, String was, String now) {
    String rule = "{name: a, on: open, when: flags == 5, %s}";
    // of what else there is, both have a supervisor
    String other = ", {on: setuid, allow: , audit: always}";
    assertThat(diff(rules(rule.formatted(before) + other), rules(rule.formatted(after) + other)))
        .isEqualTo(
            """
            x86_64: open:
              was: %s by 'a' (p.yaml:1:22)
              now: %s by 'a' (p.yaml:1:22)
              as in: open(flags=5)\
            """
                .formatted(was, now));
  }

  @Test
  void whatAHandlerIsToldIsPartOfIt() {
    String rule = "{on: mount, emulate: {handler: mount, %s}}";
    assertThat(
            diff(
                rules(rule.formatted("images: read-only")),
                rules(rule.formatted("images: writable, devices: 'b 7:0'"))))
        .contains(
            "was: emulate mount (images: read-only) by",
            "now: emulate mount (devices: \"b 7:0\", images: writable) by");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "on: dup, when: fd < 5 | on: dup, when: fd < 6 | allow by default | deny EIO by 'a'"
            + " (p.yaml:1:22) | dup(fd=5)",
        "on: ioctl, when: op == 0x5413 | on: ioctl, when: op == 0x5412 | deny EIO by 'a'"
            + " (p.yaml:1:22) | allow by default | ioctl(op=0x5413)",
        "on: clone, when: flags.has(CLONE_NEWUSER) | on: clone, when: flags.has(CLONE_NEWUSER +"
            + " CLONE_NEWNET) | deny EIO by 'a' (p.yaml:1:22) | allow by default |"
            + " clone(flags=0x10000000)",
        "on: getpid, when: task.uid < 5 | on: getpid, when: task.uid < 6 | allow by default | deny"
            + " EIO by 'a' (p.yaml:1:22) | getpid() of a task with uid=5",
        "on: '@rename', when: path.under('/a') | on: '@rename', when: path.under('/a/b') | deny EIO"
            + " by 'a' (p.yaml:1:22) | allow by default | rename(oldpath=/elsewhere, newpath=/a/x)",
        "on: '@rename', when: path.glob('**/.env') | on: '@rename', when: path.glob('**/env') |"
            + " deny EIO by 'a' (p.yaml:1:22) | allow by default | rename(oldpath=/elsewhere,"
            + " newpath=/x/.env)",
        "on: mount, when: fstype == 'ext4' | on: mount, when: fstype == 'ext3' | deny EIO by"
            + " 'a' (p.yaml:1:22) | allow by default | mount(filesystemtype=ext4)",
        "on: '@connect', when: address.port == 22 | on: '@connect', when: address.port == 23 | deny"
            + " EIO by 'a' (p.yaml:1:22) | allow by default | connect(addr=10.1.2.3:22)",
      })
  void aCallThatShowsTheDifferenceIsFound(
      String before, String after, String was, String now, String call) {
    assertThat(
            diff(
                rules("{name: a, " + before.replace('\'', '"') + ", deny: EIO}"),
                rules("{name: a, " + after.replace('\'', '"') + ", deny: EIO}")))
        .contains("\n  was: " + was + "\n  now: " + now + "\n  as in: " + call);
  }

  @Test
  void filtersAreFollowedWhereExamplesAreNotEnough() {
    // seven bits have to be set for the difference to show
    String bits =
        "flags.has(1) && flags.has(4) && flags.has(16) && flags.has(64) && flags.has(256)";

    assertThat(
            diff(
                rules("{name: a, on: eventfd2, when: " + bits + " && count == 7, deny: EIO}"),
                rules("{name: a, on: eventfd2, when: " + bits + " && count == 8, deny: EIO}")))
        .contains("  was: deny EIO by 'a' (p.yaml:1:22)\n  now: allow by default\n");
  }

  @Test
  void oneOfHundredsOfValuesIsFound() {
    String rule = "{on: ioctl, when: 'op in [%s]', deny: EIO}";
    String values =
        IntStream.range(1, 900).mapToObj(Integer::toString).collect(Collectors.joining(", "));

    assertThat(
            diff(
                rules(rule.formatted(values)),
                rules(rule.formatted(values.replace(" 451,", " 5000,")))))
        .contains("  was: deny EIO by 'rule 1' (p.yaml:1:22)\n  now: allow by default\n");
  }

  @Test
  void filtersThatCannotBeComparedAreSaidToDiffer() {
    String rule = "{on: kill, when: '%s', deny: EIO}";
    assertThat(
            diff(
                rules(rule.formatted(ofManyWays(IntStream.range(0, 13)))),
                rules(rule.formatted(ofManyWays(IntStream.range(0, 13).map(i -> 12 - i))))))
        .isEqualTo(
            """
            x86_64: kill:
              the rules differ, but no call was found that shows a difference\
            """);
  }

  private static String ofManyWays(IntStream bits) {
    return bits.mapToObj(i ->
            "(math.bitAnd(args[0], %d) != 0 || math.bitAnd(args[1], %d) != 0)"
                .formatted(1 << i, 1 << i))
        .collect(Collectors.joining(" && "));
  }

  @Test
  void rulesThatDifferWithoutAnExampleAreSaidToDoSo() {
    assertThat(
            diff(
                rules(
                    "{on: '@rename', when: path.under(\"/a\") || path2.under(\"/b\"), deny: EIO}"),
                rules(
                    "{on: '@rename', when: path2.under(\"/b\") || path.under(\"/a\"), deny: EIO}")))
        .isEqualTo(
            """
            x86_64: rename, renameat, renameat2:
              the rules differ, but no call was found that shows a difference\
            """);
  }

  @Test
  void architecturesAndCallsWithoutANameAreCompared() {
    assertThat(
            diff(
                "{sluice: v1, default: allow}",
                "{sluice: v1, default: allow, architectures: [x86_64, i386]}"))
        .startsWith("i386: _llseek, _newselect, ")
        .contains(" more:\n  was: deny ENOSYS\n  now: allow by default\n");
    assertThat(diff("{sluice: v1, default: allow}", "{sluice: v1, default: kill}"))
        .endsWith("calls without a name:\n  was: allow\n  now: kill process");
  }

  @Test
  void programsReadItAsJson() {
    var changes =
        PolicyDiff.of(
            Policies.compile(rules("{name: a, on: dup, deny: EIO}")),
            Policies.compile(rules("{name: a, on: dup, deny: EPERM}")));

    assertThat(ReportJson.ofChanges(changes))
        .isEqualTo(
            """
            {"changes":[{"where":"x86_64","calls":["dup"],"differences":[{"was":"deny EIO",\
            "was_by":"by 'a' (p.yaml:1:22)","now":"deny EPERM","now_by":"by 'a' (p.yaml:1:22)",\
            "example":"dup()"}]}]}\
            """);
  }

  @Test
  void callsWithoutANameAreCompared() {
    String profile = "{\"defaultAction\": \"SCMP_ACT_KILL_PROCESS\"}";
    assertThat(diff(profile, "{sluice: v1, default: deny}"))
        .endsWith(
            """
            calls without a name:
              was: kill process
              now: deny EPERM
            calls of other ABIs:
              was: kill thread
              now: deny ENOSYS
            calls of x32:
              was: kill thread
              now: deny ENOSYS\
            """);
  }

  @Test
  void aGuardIsSaidToDecide() {
    assertThat(
            diff(
                rules("{on: io_uring_setup, allow: }, {on: setuid, allow: , audit: always}"),
                rules("{on: setuid, allow: , audit: always}")))
        .isEqualTo(
            """
            x86_64: io_uring_setup:
              was: allow by 'rule 1' (p.yaml:1:22)
              now: deny ENOSYS by a guard
              as in: io_uring_setup()\
            """);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whatRegistersDecideDifferentlyIsFound(long seed) {
    var random = new Random(seed);
    int different = 0;
    for (int round = 0; round < 40; round++) {
      Expression before = RandomWhen.ofRegisters(Arch.X86_64, "lseek", random);
      Expression after = RandomWhen.ofRegisters(Arch.X86_64, "lseek", random);
      String found = diff(whoMaySeek(before.toString()), whoMaySeek(after.toString()));
      if (IntStream.range(0, 300).anyMatch(_ -> tellsApart(before, after, random))) {
        different++;
        assertThat(found).as("%s and %s, seed %d", before, after, seed).contains("as in: lseek(");
      }
      assertThat(diff(whoMaySeek(before.toString()), whoMaySeek("!(!(" + before + "))"))).isEmpty();
    }
    assertThat(different).isGreaterThan(10);
  }

  private static String whoMaySeek(String when) {
    return "sluice: v1\nrules:\n- {name: a, on: lseek, deny: EIO, when: '" + when + "'}\n";
  }

  private static boolean tellsApart(Expression before, Expression after, Random random) {
    long[] registers = RandomWhen.registers(Arch.X86_64, random);
    return !before
        .value(registers, Optional.empty())
        .equals(after.value(registers, Optional.empty()));
  }
}
