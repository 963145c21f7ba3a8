package dev.sluice.supervisor.handler;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.Action;
import dev.sluice.supervisor.policy.Emulation;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Asks somebody whether a call may take place, and remembers the answer as far as the rule says.
final class Asking implements Emulation {
  private static final int MAX_REMEMBERED = 1000;

  private final Asker asker;
  private final Action.Ask ask;
  private final Verdict otherwise;

  /// Answers by what they hold for; the oldest is forgotten first.
  private final Map<String, Asker.Answer> answers =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Asker.Answer> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  /// What somebody is being asked about: whom the answer will hold for, waits for it. Under the
  /// monitor of the answers.
  private final Set<String> asked = new HashSet<>();

  Asking(Asker asker, Action.Ask ask) {
    this.asker = asker;
    this.ask = ask;
    this.otherwise = Verdict.Fail.of(ask.otherwise());
  }

  @Override
  public String name() {
    return "ask";
  }

  @Override
  public Map<String, String> options() {
    Duration timeout = ask.timeout();
    boolean isOfSeconds = timeout.equals(Duration.ofSeconds(timeout.toSeconds()));
    return Map.of(
        "timeout", isOfSeconds ? timeout.toSeconds() + "s" : timeout.toMillis() + "ms",
        "otherwise", Errno.nameOf(ask.otherwise()),
        "remember", ask.remember().name().toLowerCase(Locale.ROOT));
  }

  @Override
  public Verdict perform(Call call) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    return answer(call) == Asker.Answer.YES ? Verdict.CONTINUE : otherwise;
  }

  private Asker.Answer answer(Call call) {
    var question = Question.of(call, ask.remember());
    Thread thread = Thread.currentThread();
    call.cancellation().waitAtLeisure();
    // not for a signal: the question would be asked again, and what was typed by then be lost
    call.cancellation().onCancel(thread::interrupt, false);
    try {
      return question.key().isPresent()
          ? answer(question.key().get(), question.text())
          : asker.ask(question.text(), ask.timeout());
    } catch (InterruptedException ended) {
      return Asker.Answer.NONE;
    } finally {
      call.cancellation().off();
      Thread.interrupted(); // the thread is to do something else now
      call.cancellation().waitNoLonger();
    }
  }

  /// The answer that is known, or will be when others have been asked; else asks.
  private Asker.Answer answer(String key, String question) throws InterruptedException {
    synchronized (answers) {
      while (asked.contains(key)) {
        answers.wait();
      }
      Asker.Answer known = answers.get(key);
      if (known != null) {
        return known;
      }
      asked.add(key);
    }
    var answer = Asker.Answer.NONE;
    try {
      answer = asker.ask(question, ask.timeout());
    } finally {
      synchronized (answers) {
        asked.remove(key);
        if (answer != Asker.Answer.NONE) {
          answers.put(key, answer);
        }
        answers.notifyAll();
      }
    }
    return answer;
  }
}
