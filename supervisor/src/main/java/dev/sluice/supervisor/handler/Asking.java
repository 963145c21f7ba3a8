package dev.sluice.supervisor.handler;

import dev.sluice.supervisor.policy.Action;
import dev.sluice.supervisor.policy.Emulation;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Text;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
  public Verdict perform(Call call) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    return answer(call) == Asker.Answer.YES ? Verdict.CONTINUE : otherwise;
  }

  private Asker.Answer answer(Call call) {
    Optional<String> key = keyOf(call);
    Thread thread = Thread.currentThread();
    call.cancellation().waitAtLeisure();
    // not for a signal: the question would be asked again, and what was typed by then be lost
    call.cancellation().onCancel(thread::interrupt, false);
    try {
      return key.isPresent() ? answer(key.get(), call) : asker.ask(question(call), ask.timeout());
    } catch (InterruptedException ended) {
      return Asker.Answer.NONE;
    } finally {
      call.cancellation().off();
      Thread.interrupted(); // the thread is to do something else now
      call.cancellation().waitNoLonger();
    }
  }

  /// The answer that is known, or will be when others have been asked; else asks.
  private Asker.Answer answer(String key, Call call) throws InterruptedException {
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
      answer = asker.ask(question(call), ask.timeout());
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

  /// What the answer to a call is remembered by: nothing that [#printable] leaves stands between
  /// two names, or one call could pass for another.
  private Optional<String> keyOf(Call call) {
    if (ask.remember() == Action.Ask.Remember.NOTHING || call.pathCount() == 0) {
      return Optional.empty();
    }
    var key = new StringBuilder(call.name());
    for (int i = 0; i < call.pathCount(); i++) {
      String path = printable(call.canonicalPath(i));
      int end =
          ask.remember() == Action.Ask.Remember.DIRECTORY ? path.lastIndexOf('/') : path.length();
      key.append('\n').append(path, 0, Math.max(end, 0));
    }
    return Optional.of(key.toString());
  }

  private static String question(Call call) {
    var question = new StringBuilder();
    question.append(call.task().status().name()).append(" (").append(call.tid()).append("): ");
    question.append(call.name());
    for (int i = 0; i < call.pathCount(); i++) {
      question.append(' ').append(printable(call.canonicalPath(i)));
    }
    return printable(Text.of(question.append('?').toString()));
  }

  /// A name is chosen by the target: it must not speak to a terminal, and not look like another.
  private static String printable(Text text) {
    var printable = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      int value = Byte.toUnsignedInt(text.at(i));
      if (value >= ' ' && value < 0x7f && value != '\\') {
        printable.append((char) value);
      } else {
        printable.append(String.format(Locale.ROOT, "\\x%02x", value));
      }
    }
    return printable.toString();
  }
}
