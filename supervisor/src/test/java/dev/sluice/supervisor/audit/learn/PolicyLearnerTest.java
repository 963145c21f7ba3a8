package dev.sluice.supervisor.audit.learn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.audit.Records;
import org.junit.jupiter.api.Test;

class PolicyLearnerTest {
  private final PolicyLearner learner = new PolicyLearner("/src", "/home/me");

  /// A rule that names a call takes the place of its guards.
  @Test
  void whatWasRefusedOpensNothing() {
    learner.add(Records.observed(1, "pivot_root"));
    learner.add(Records.refused(2, "mount"));
    assertThat(learner.rules()).contains("  - name: needed\n    on: [pivot_root]\n    allow:\n");
  }

  @Test
  void whereNothingOfTheKindWasMadeNoRuleIsAboutIt() {
    learner.add(Records.refused(1, "mount"));
    assertThat(learner.rules()).contains("never-needed").doesNotContain("- name: needed");
  }
}
