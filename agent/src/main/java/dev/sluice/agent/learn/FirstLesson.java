package dev.sluice.agent.learn;

import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.learn.PolicyLearner;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.PolicyException;
import java.io.IOException;
import java.nio.file.Path;

/// A policy made from nothing, and its tests.
final class FirstLesson implements Lesson {
  private static final String SUFFIX = ".yaml";

  private final PolicyLearner learner;
  private final PolicyCompiler compiler;
  private final Path output;
  private final String command;

  /// @param compiler for the policy, which must be right
  /// @param output ends in `.yaml`
  /// @param command what is run, for a comment
  FirstLesson(PolicyLearner learner, PolicyCompiler compiler, Path output, String command) {
    this.learner = learner;
    this.compiler = compiler;
    this.output = output;
    this.command = command;
  }

  @Override
  public void add(AuditRecord record) {
    learner.add(record);
  }

  @Override
  public String learned() {
    return learner.rules();
  }

  @Override
  public void write() throws IOException, PolicyException {
    String policy = learner.policy(command);
    compiler.compile(output.toString(), policy);
    String name = output.getFileName().toString();
    String base = name.substring(0, name.length() - SUFFIX.length());
    Lesson.replace(output, policy);
    Lesson.replace(output.resolveSibling(base + ".test.yaml"), learner.tests(name));
  }
}
