package dev.sluice.supervisor.handler;

import java.time.Duration;

/// Who is asked when a policy says `ask`.
@FunctionalInterface
public interface Asker {
  /// What is said to a question.
  enum Answer {
    /// The call takes place.
    YES,
    /// It fails.
    NO,
    /// Nobody has answered: it fails, and the same may be asked again.
    NONE
  }

  /// Nobody: there is no answer.
  Asker NOBODY = (_, _) -> Answer.NONE;

  /// The answer that comes within `timeout`. Called on a worker, by several at once; but of calls
  /// that one answer would hold for, by one at a time. The thread is interrupted if the call ends
  /// before there is an answer, as its caller is killed.
  Answer ask(String question, Duration timeout) throws InterruptedException;
}
