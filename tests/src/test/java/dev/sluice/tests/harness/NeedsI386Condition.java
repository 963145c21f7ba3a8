package dev.sluice.tests.harness;

import java.io.IOException;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Runs one.
final class NeedsI386Condition implements ExecutionCondition {
  private static final boolean IS_THERE = isThere();

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return IS_THERE
        ? ConditionEvaluationResult.enabled("it runs programs of i386")
        : ConditionEvaluationResult.disabled("this machine runs no programs of i386");
  }

  static boolean isThere() {
    try {
      return new ProcessBuilder(Project.program("thirtytwo"), "/dev/null", "/bin/true")
              .start()
              .waitFor()
          == 0;
    } catch (IOException cannotBeExecuted) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
