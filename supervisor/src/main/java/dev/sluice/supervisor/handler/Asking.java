package dev.sluice.supervisor.handler;

import dev.sluice.supervisor.policy.Action;
import dev.sluice.supervisor.policy.Emulation;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Text;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Asks somebody whether a call may take place, and remembers the answer as far as the rule says.
final class Asking implements Emulation {
  private static final int MAX_REMEMBERED = 1000;

  private final Asker asker;
  private final Action.Ask ask;
  private final Verdict otherwise;

  /// Answers by what they hold for; the oldest is forgotten first.
  private final Map<String, Boolean> answers =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

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
    return answer(call) ? Verdict.CONTINUE : otherwise;
  }

  private boolean answer(Call call) {
    Optional<String> key = keyOf(call);
    synchronized (answers) {
      Boolean known = key.map(answers::get).orElse(null);
      if (known != null) {
        return known;
      }
    }
    String question = question(call);
    call.cancellation().waitAtLeisure();
    boolean answer = asker.ask(question, ask.timeout());
    call.cancellation().waitNoLonger();
    synchronized (answers) {
      key.ifPresent(name -> answers.put(name, answer));
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
