package dev.sluice.supervisor.policy.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.policy.Policies;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.PolicyException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whether a profile notifies, or refuses, all that changes who a caller is.
class TellingProfilesTest {
  private static final String CHANGES =
      """
      "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid",
      "setgroups", "setuid32", "setgid32", "setreuid32", "setregid32", "setresuid32", "setresgid32",
      "setfsuid32", "setfsgid32", "setgroups32", "capset", "unshare", "setns", "execve", "execveat",
      "chroot", "pivot_root"
      """;

  @Test
  void ourOwnTell() throws PolicyException {
    var policy =
        Policies.compile(
            """
            sluice: v1
            rules:
            - {on: "@open", when: 'path.under("/etc")', deny: EACCES}
            """);

    assertThat(tells(OciWriter.write(policy, true).json())).isTrue();
  }

  @Test
  void whatNotifiesAllOfThemTells() {
    assertThat(tells(allowing("{\"names\": [%s], \"action\": \"SCMP_ACT_NOTIFY\"}"))).isTrue();
  }

  @Test
  void whatRefusesAllOfThemTells() {
    assertThat(tells("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": []}")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"names\": [\"openat\"], \"action\": \"SCMP_ACT_NOTIFY\"}",
        "{\"names\": [\"setuid\", \"execve\"], \"action\": \"SCMP_ACT_NOTIFY\"}",
        "{\"names\": [%s], \"action\": \"SCMP_ACT_LOG\"}",
        "{\"names\": [%s], \"action\": \"SCMP_ACT_NOTIFY\","
            + " \"args\": [{\"index\": 0, \"value\": 0, \"op\": \"SCMP_CMP_EQ\"}]}",
        "no profile"
      })
  void othersDoNot(String rule) {
    assertThat(tells(allowing(rule))).isFalse();
  }

  private static String allowing(String rule) {
    return "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [%s]}"
        .formatted(rule.formatted(CHANGES));
  }

  private static boolean tells(String profile) {
    return PolicyCompiler.profileTellsOfChanges("profile.json", profile);
  }
}
