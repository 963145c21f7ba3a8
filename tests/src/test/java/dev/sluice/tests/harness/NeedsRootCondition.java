package dev.sluice.tests.harness;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

final class NeedsRootCondition implements ExecutionCondition {
  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    if (!isRoot()) {
      return ConditionEvaluationResult.disabled("needs root: it changes users");
    }
    if (!Project.isOpenToAll(Project.ROOT)) {
      return ConditionEvaluationResult.disabled(
          "other users may not enter the directory of the project");
    }
    return ConditionEvaluationResult.enabled("root");
  }

  static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }
}
