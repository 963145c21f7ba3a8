package dev.sluice.agent.learn;

import dev.sluice.agent.terminal.Output;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.learn.PolicyUpdate;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.PolicyException;
import java.io.IOException;
import java.nio.file.Path;

/// A policy that there is, and what it would have to grant besides.
final class NextLesson implements Lesson {
  private static final int SHOWN = 30;

  private final PolicyUpdate update;
  private final String text;
  private final PolicyCompiler compiler;
  private final Path output;

  /// @param text of the policy
  /// @param compiler for the new one, which must be right
  NextLesson(PolicyUpdate update, String text, PolicyCompiler compiler, Path output) {
    this.update = update;
    this.text = text;
    this.compiler = compiler;
    this.output = output;
  }

  @Override
  public void add(AuditRecord record) {
    update.add(record);
  }

  @Override
  public String learned() {
    return update.isComplete() ? text : update.merged(text);
  }

  @Override
  public void write() throws IOException, PolicyException {
    var lines = update.difference();
    lines.stream().limit(SHOWN).forEach(Output::say);
    if (lines.size() > SHOWN) {
      Output.say("and " + (lines.size() - SHOWN) + " more");
    }
    String merged = learned();
    compiler.compile(output.toString(), merged);
    Lesson.replace(output, merged);
  }
}
