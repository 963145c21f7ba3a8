package dev.sluice.agent.learn;

import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.learn.PolicyLearner;
import java.io.IOException;
import java.nio.file.Path;

/// A policy made from nothing, and its tests.
final class FirstLesson implements Lesson {
  private static final String SUFFIX = ".yaml";

  private final PolicyLearner learner;
  private final Path output;
  private final String command;

  /// @param output ends in `.yaml`
  /// @param command what is run, for a comment
  FirstLesson(PolicyLearner learner, Path output, String command) {
    this.learner = learner;
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
  public void write() throws IOException {
    String name = output.getFileName().toString();
    String base = name.substring(0, name.length() - SUFFIX.length());
    Lesson.replace(output, learner.policy(command));
    Lesson.replace(output.resolveSibling(base + ".test.yaml"), learner.tests(name));
  }
}
