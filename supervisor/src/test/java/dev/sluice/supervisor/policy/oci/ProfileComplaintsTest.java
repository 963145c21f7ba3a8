package dev.sluice.supervisor.policy.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.syscall.Arch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is said of a profile that is wrong: where, what, and what would be right.
class ProfileComplaintsTest {
  private static final Host HOST =
      new Host(Arch.X86_64, new Host.KernelVersion(6, 1), Host.UNPRIVILEGED);

  /// A rule with `%s` in it, in a profile that is right but for that.
  private static final String RULE =
      "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [\n%s]}";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]                         | 1:1: error: a profile must be an object, not a list",
        "{                          | 1:2: error: this is not JSON: a key in double quotes is"
            + " expected, not the end of the file",
        "{} x                       | 1:4: error: this is not JSON: the value has ended, but here"
            + " is 'x'",
        "{'a': 1}                   | 1:2: error: this is not JSON: a key in double quotes is"
            + " expected, not '''",
        "{\"a\": 01}                | 1:8: error: this is not JSON: '0' is followed by '1'",
        "{\"a\": 1,}                | 1:9: error: this is not JSON: a key in double quotes is"
            + " expected, not '}'",
        "{\"a\": \"\\q\"}           | 1:9: error: this is not JSON: there is no escape \\ with 'q'",
        "{}                         | 1:1: error: 'defaultAction' is missing, such as"
            + " SCMP_ACT_ERRNO",
        "{\"defaultAction\": 7}     | 1:19: error: 'defaultAction' must be a text, not 7",
        "{\"defaultAction\": \"SCMP_ACT_ALOW\"} | 1:19: error: unknown action 'SCMP_ACT_ALOW'; did"
            + " you mean SCMP_ACT_ALLOW?",
        "{\"defaultAction\": \"SCMP_ACT_NOTIFY\"} | 1:19: error: SCMP_ACT_NOTIFY cannot be the"
            + " default action: name the calls in a rule",
        "{\"ociVersion\": \"1.0.0\"} | 1:1: error: this is the configuration of a container without"
            + " linux.seccomp",
        "{\"defaultAction\": \"SCMP_ACT_LOG\", \"defaultAction\": \"SCMP_ACT_LOG\"} | 1:35: error:"
            + " the key 'defaultAction' stands here twice",
        "{\"defaultAction\": \"SCMP_ACT_LOG\", \"architectures\": [\"SCMP_ARCH_X68\"]} | 1:53:"
            + " error: unknown architecture 'SCMP_ARCH_X68'; did you mean SCMP_ARCH_X86?",
        "{\"defaultAction\": \"SCMP_ACT_LOG\", \"architectures\": [], \"archMap\": []} | 1:56:"
            + " error: a profile has either 'architectures' or 'archMap', not both",
        "{\"defaultAction\": \"SCMP_ACT_LOG\", \"listenerMetadata\": \"x\"} | 1:35: error:"
            + " 'listenerMetadata' is nothing without 'listenerPath'",
        "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrno\": \"ENOSUCH\"} | 1:53: error:"
            + " 'defaultErrno' takes an errno such as EACCES, or its number, not 'ENOSUCH'",
        "{\"defaultAction\": \"SCMP_ACT_LOG\", \"syscalls\": {}} | 1:47: error: 'syscalls' must be"
            + " a list, not an object",
        "{\"archMap\": [{\"subArchitectures\": []}], \"defaultAction\": \"SCMP_ACT_LOG\"} | 1:14:"
            + " error: 'architecture' is missing",
        "{\"archMap\": [{\"architecture\": \"SCMP_ARCH_X86\", \"subArch\": []}], \"defaultAction\":"
            + " \"SCMP_ACT_LOG\"} | 1:48: warning: unknown key 'subArch' in an entry of 'archMap'"
            + " is ignored; it takes architecture, subArchitectures",
        "{\"defaultAction\": \"SCMP_ACT_LOG\", \"foo\": 1} | 1:35: warning: unknown key 'foo' in a"
            + " profile is ignored; it takes defaultAction, defaultErrnoRet, defaultErrno,"
            + " architectures, archMap, flags, listenerPath, listenerMetadata, comment, syscalls",
        "{\"defaultAction\": \"SCMP_ACT_LOG\", \"Syscalls\": []} | 1:35: error: runtimes take"
            + " 'Syscalls' for 'syscalls': write it so",
        "{\"a\": } | 1:7: error: this is not JSON: a value is expected, not '}'",
        "{\"a\": trux} | 1:7: error: this is not JSON: a value is expected, not 't'",
        "{\"a\" 1} | 1:6: error: this is not JSON: ':' after the key 'a' is expected, not '1'",
        "[1 2] | 1:4: error: this is not JSON: ',' or ']' is expected, not '2'",
        "{\"a\": \"b\tc\"} | 1:9: error: this is not JSON: a text may not contain a control"
            + " character",
        "{\"a\": \"b | 1:9: error: this is not JSON: a text does not end",
        "{\"a\": \"\\u12g4\"} | 1:12: error: this is not JSON: \\u takes four hexadecimal digits,"
            + " not 'g'",
        "{\"flags\": \"x\", \"defaultAction\": \"SCMP_ACT_LOG\"} | 1:11: error: 'flags' must be a"
            + " list, not the text 'x'",
        "{\"flags\": [\"SECCOMP_FILTER_FLAG_LOGS\"], \"defaultAction\": \"SCMP_ACT_LOG\"} | 1:12:"
            + " error: unknown flag 'SECCOMP_FILTER_FLAG_LOGS'; did you mean"
            + " SECCOMP_FILTER_FLAG_LOG?",
      })
  void ofAProfile(String text, String complaint) {
    assertThat(complaintsAbout(text)).first().asString().isEqualTo("p.json:" + complaint);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "7 | 2:1: error: each of 'syscalls' must be an object, not 7",
        "{\"names\": [\"read\"]} | 2:1: error: 'action' is missing, such as SCMP_ACT_ERRNO",
        "{\"action\": \"SCMP_ACT_LOG\"} | 2:1: error: 'names' is missing: the calls a rule is"
            + " about",
        "{\"names\": [], \"action\": \"SCMP_ACT_LOG\"} | 2:1: error: 'names' is missing: the calls"
            + " a rule is about",
        "{\"names\": [7], \"action\": \"SCMP_ACT_LOG\"} | 2:12: error: each of 'names' must be a"
            + " text, not 7",
        "{\"name\": \"read\", \"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\"} | 2:2: error: a"
            + " rule has either 'names' or the older 'name', not both",
        "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 65536} | 2:61:"
            + " error: 'errnoRet' must be a whole number from 0 to 65535, not 65536",
        "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", \"args\": [{\"op\":"
            + " \"SCMP_CMP_EQ\"}]} | 2:56: error: 'index' of the argument is missing",
        "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", \"args\": [{\"index\": 6, \"op\":"
            + " \"SCMP_CMP_EQ\"}]} | 2:66: error: 'index' must be a whole number from 0 to 5, not"
            + " 6",
        "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", \"args\": [{\"index\": 0, \"op\":"
            + " \"SCMP_CMP_EG\"}]} | 2:75: error: unknown operator 'SCMP_CMP_EG'; did you mean"
            + " SCMP_CMP_EQ?",
        "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", \"args\": [{\"index\": 0, \"op\":"
            + " \"SCMP_CMP_EQ\", \"value\": -1}]} | 2:99: error: 'value' must be a whole number"
            + " from 0 to 18446744073709551615, not -1",
        "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", \"args\": [{\"index\": 0, \"op\":"
            + " \"SCMP_CMP_EQ\", \"value\": 18446744073709551616}]} | 2:99: error: 'value' must be"
            + " a whole number from 0 to 18446744073709551615, not 18446744073709551616",
        "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", \"includes\": {\"minKernel\":"
            + " \"new\"}} | 2:73: error: 'minKernel' takes a version such as 4.8, not 'new'",
        "{\"names\": [\"raed\"], \"action\": \"SCMP_ACT_LOG\"} | 2:12: warning: the unknown system"
            + " call 'raed' is skipped; did you mean 'read'?",
        "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", \"arg\": []} | 2:47: warning:"
            + " unknown key 'arg' in a rule is ignored; did you mean 'args'?",
        "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", \"args\": [{\"index\": 0, \"op\":"
            + " \"SCMP_CMP_EQ\"}]}, {\"names\": [\"read\"], \"action\": \"SCMP_ACT_TRAP\","
            + " \"args\": [{\"index\": 0, \"op\": \"SCMP_CMP_EQ\"}]} | 2:104: error: the action for"
            + " read is not that of syscalls[0] (p.json:2:1), which is about the same arguments;"
            + " libseccomp refuses such a profile",
        "{\"names\": \"read\", \"action\": \"SCMP_ACT_LOG\"} | 2:11: error: 'names' must be a list,"
            + " not the text 'read'",
        "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", \"args\": [{\"index\": 0}]} | 2:56:"
            + " error: 'op' of the argument is missing",
        "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", \"args\": [{\"index\": 0, \"op\":"
            + " \"SCMP_CMP_EQ\", \"foo\": 1}]} | 2:90: warning: unknown key 'foo' in an argument is"
            + " ignored; it takes index, value, valueTwo, op",
        "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", \"includes\": {\"foo\": 1}} | 2:60:"
            + " warning: unknown key 'foo' in 'includes' is ignored; it takes arches, caps,"
            + " minKernel",
        "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", \"includes\": 5} | 2:59: error:"
            + " 'includes' must be an object, not 5",
        "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ERRNO\", \"errno\": \"E\"} | 2:58: error:"
            + " 'errno' takes an errno such as EACCES, or its number, not 'E'",
      })
  void ofARule(String rule, String complaint) {
    assertThat(complaintsAbout(RULE.formatted(rule)))
        .first()
        .asString()
        .isEqualTo("p.json:" + complaint);
  }

  /// x86-64 has no such call, but libseccomp merges the rules before it sees that.
  @Test
  void ofRulesForACallThatIsOnlyElsewhere() {
    String rule =
        "{\"names\": [\"setfsuid32\"], \"action\": \"SCMP_ACT_%s\", \"args\": [{\"index\": 0,"
            + " \"op\": \"SCMP_CMP_EQ\"}]}";
    String rules = rule.formatted("LOG") + ",\n" + rule.formatted("TRAP");
    assertThat(complaintsAbout(RULE.formatted(rules)))
        .containsExactly(
            "p.json:3:12: error: the action for setfsuid32 is not that of syscalls[0]"
                + " (p.json:2:1), which is about the same arguments; libseccomp refuses such a"
                + " profile");
  }

  @Test
  void ofNestingWithoutEnd() {
    assertThat(complaintsAbout("[".repeat(100_000)))
        .containsExactly(
            "p.json:1:33: error: no more than 32 objects and lists can stand in each other");
  }

  @Test
  void ofValuesWithoutEnd() {
    assertThat(complaintsAbout("[" + "1,".repeat(50_000)))
        .containsExactly("p.json:1:100000: error: no more than 50000 values can stand in a file");
  }

  @Test
  void aRuleIsForTheHostThatItsFiltersName() {
    String rule = "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", %s}";
    for (String applies :
        List.of(
            "\"includes\": {\"arches\": [\"arm64\", \"amd64\"]}",
            "\"includes\": {\"caps\": [\"CAP_CHOWN\", \"CAP_KILL\"]}",
            "\"includes\": {\"minKernel\": \"6.1\"}",
            "\"excludes\": {\"caps\": [\"CAP_SYS_ADMIN\"]}",
            "\"excludes\": {\"minKernel\": \"6.2\"}",
            "\"excludes\": {}, \"includes\": null")) {
      assertThat(profile(RULE.formatted(rule.formatted(applies))).rules()).as(applies).hasSize(1);
    }
    for (String doesNot :
        List.of(
            "\"includes\": {\"arches\": [\"arm64\"]}",
            "\"includes\": {\"caps\": [\"CAP_CHOWN\", \"CAP_SYS_ADMIN\"]}",
            "\"includes\": {\"minKernel\": \"6.2\"}",
            "\"excludes\": {\"arches\": [\"amd64\"]}",
            "\"excludes\": {\"caps\": [\"CAP_SYS_ADMIN\", \"CAP_CHOWN\"]}",
            "\"excludes\": {\"minKernel\": \"4.8\"}")) {
      assertThat(profile(RULE.formatted(rule.formatted(doesNot))).rules()).as(doesNot).isEmpty();
    }
  }

  @Test
  void theArchMapGivesTheArchitecturesOfTheHost() {
    Profile profile =
        profile(
            """
            {"defaultAction": "SCMP_ACT_LOG", "archMap": [
             {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]},
             {"architecture": "SCMP_ARCH_X86_64",
              "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]}]}
            """);
    assertThat(profile.architectures()).isEqualTo(Set.of(Arch.X86_64, Arch.I386));
    assertThat(profile.x32()).isTrue();
  }

  /// Whatever stands in a profile, it gives diagnostics and no exception.
  @Test
  void neverFailsOtherwise() {
    var random = new Random(1);
    String pieces = "{}[]\",:0123456789.-eE\\untrfalse \n\t'";
    int wrong = 0;
    for (int i = 0; i < 20_000; i++) {
      var text = new StringBuilder(new RandomProfile(random).json());
      for (int j = random.nextInt(3); j >= 0; j--) {
        int at = random.nextInt(text.length());
        int end = Math.min(text.length(), at + random.nextInt(3));
        text.replace(at, end, pieces.charAt(random.nextInt(pieces.length())) + "");
      }
      wrong += complaintsAbout(text.toString()).isEmpty() ? 0 : 1;
    }
    assertThat(wrong).isGreaterThan(10_000);
  }

  private static List<String> complaintsAbout(String text) {
    var diagnostics = new ArrayList<Diagnostic>();
    var compiled = ProfileCompiler.compile("p.json", text, HOST, diagnostics);
    assertThat(compiled.isEmpty()).isEqualTo(diagnostics.stream().anyMatch(Diagnostic::isError));
    assertThat(diagnostics.stream().map(Diagnostic::location).map(Location::line))
        .allMatch(line -> line > 0);
    return diagnostics.stream().map(Diagnostic::toString).toList();
  }

  private static Profile profile(String text) {
    return ProfileReader.read("p.json", text, HOST, new ArrayList<>()).orElseThrow();
  }
}
