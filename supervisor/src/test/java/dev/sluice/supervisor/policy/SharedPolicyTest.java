package dev.sluice.supervisor.policy;

import static dev.sluice.supervisor.policy.Policies.compile;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which policies are compiled once for all containers.
class SharedPolicyTest {
  private static CompiledPolicy policy(String rule) {
    return compile("sluice: v1\nrules:\n  - " + rule + "\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{on: getppid, return: 1}",
        "{on: '@open', when: 'path.under(\"/secret\")', deny: EACCES}",
        "{when: 'path == \"/secret\"', hide: }",
        "{when: 'path == \"/secret\"', redirect: /other}",
        "{on: mknod, emulate: device}",
      })
  void whatIsTheSameForEveryContainer(String rule) {
    assertThat(policy(rule).isForAll()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{on: getppid, when: 'container.id == \"a\"', return: 1}",
        "{on: getppid, when: 'container.annotations[\"a\"] == \"b\"', return: 1}",
        "{on: '@open', when: 'path.under(\"/a\") && container.pod == \"a\"', deny: EACCES}",
        "{on: getppid, allow: , limit: 1/s}",
        "{on: '@open', ask: {remember: path}}",
        "{when: 'path == \"/file\"', serve: {content: text}}",
      })
  void whatKnowsItsContainerOrRemembersWhatThatDoes(String rule) {
    assertThat(policy(rule).isForAll()).isFalse();
  }
}
