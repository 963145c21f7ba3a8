package dev.sluice.supervisor.handler;

import dev.sluice.supervisor.policy.Emulation;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import java.time.Duration;

/// Asks somebody whether a call may take place.
final class Asking implements Emulation {
  private final Asker asker;
  private final Duration timeout;
  private final Verdict otherwise;

  Asking(Asker asker, Duration timeout, int otherwise) {
    this.asker = asker;
    this.timeout = timeout;
    this.otherwise = Verdict.Fail.of(otherwise);
  }

  @Override
  public String name() {
    return "ask";
  }

  @Override
  public Verdict perform(Call call) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    return asker.ask(question(call), timeout) ? Verdict.CONTINUE : otherwise;
  }

  private static String question(Call call) {
    var question = new StringBuilder(call.task().comm()).append(": ").append(call.name());
    for (int i = 0; i < call.pathCount(); i++) {
      question.append(' ').append(call.path(i).canonical());
    }
    return question.append('?').toString();
  }
}
