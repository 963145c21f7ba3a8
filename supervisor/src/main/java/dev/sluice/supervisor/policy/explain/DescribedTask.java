package dev.sluice.supervisor.policy.explain;

import dev.sluice.supervisor.policy.Suggestion;
import dev.sluice.supervisor.policy.condition.PathAnchor;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.TaskView;
import dev.sluice.supervisor.target.Text;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A thread that makes a described call: what was said of it, and nothing else.
public final class DescribedTask implements TaskView {
  /// A thread of which nothing is known.
  public static final DescribedTask UNKNOWN = new DescribedTask(Map.of(), Map.of());

  private static final Set<String> NUMBERS = Set.of("uid", "gid", "pid", "tid", "caps");
  private static final List<String> NAMES =
      List.of("uid", "gid", "pid", "tid", "caps", "comm", "exe", "cwd");
  private static final int COMM_LENGTH = 15;

  private final Map<String, Long> numbers;
  private final Map<String, Text> texts;

  private DescribedTask(Map<String, Long> numbers, Map<String, Text> texts) {
    this.numbers = Map.copyOf(numbers);
    this.texts = Map.copyOf(texts);
  }

  /// This thread with one fact more, or another in its place.
  ///
  /// @param name as in conditions, but without `task.`
  /// @param home what `~` stands for
  /// @throws IllegalArgumentException saying what is wrong
  public DescribedTask with(String name, String value, String home) {
    var newNumbers = new HashMap<>(numbers);
    var newTexts = new HashMap<>(texts);
    if (NUMBERS.contains(name)) {
      newNumbers.put(name, name.equals("caps") ? capabilities(value) : id(name, value));
    } else if (NAMES.contains(name)) {
      newTexts.put(name, Text.of(text(name, value, home)));
    } else {
      throw new IllegalArgumentException(
          "unknown '"
              + name
              + "' of a task"
              + Suggestion.closest(name, NAMES)
                  .map(best -> "; did you mean '" + best + "'?")
                  .orElse("; there are " + String.join(", ", NAMES)));
    }
    return new DescribedTask(newNumbers, newTexts);
  }

  private static long id(String name, String value) {
    long id = Numbers.parse("task." + name, value, Arch.host());
    long limit =
        name.endsWith("id") && name.charAt(0) != 'u' && name.charAt(0) != 'g'
            ? Integer.MAX_VALUE
            : 0xffff_ffffL;
    if (id < 0 || id > limit) {
      throw new IllegalArgumentException("'task." + name + "' is from 0 to " + limit);
    }
    return id;
  }

  /// `CAP_CHOWN|CAP_KILL`, `all` or `none`.
  private static long capabilities(String value) {
    return switch (value) {
      case "all" -> -1;
      case "none" -> 0;
      default -> {
        long set = 0;
        for (String word : value.split("\\|", -1)) {
          long number = Numbers.parse("task.caps", word.strip(), Arch.host());
          if (!word.strip().startsWith("CAP_") || number >= Long.SIZE) {
            throw new IllegalArgumentException(
                "'task.caps' takes capabilities such as CAP_KILL|CAP_CHOWN, all or none, not '"
                    + word
                    + "'");
          }
          set |= 1L << number;
        }
        yield set;
      }
    };
  }

  private static String text(String name, String value, String home) {
    if (name.equals("comm")) {
      if (Text.of(value).length() > COMM_LENGTH) {
        throw new IllegalArgumentException(
            "'task.comm' has " + COMM_LENGTH + " bytes at most, not '" + value + "'");
      }
      return value;
    }
    var _ = PathAnchor.path(value);
    try {
      return PathAnchor.directory(value, home);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'task." + name + "' is absolute, or below ~", e);
    }
  }

  @Override
  public int tid() {
    return (int) number("tid");
  }

  @Override
  public int tgid() {
    return (int) number("pid");
  }

  @Override
  public int uid() {
    return (int) number("uid");
  }

  @Override
  public int gid() {
    return (int) number("gid");
  }

  @Override
  public long capabilities() {
    return number("caps");
  }

  @Override
  public Text comm() {
    return known("comm");
  }

  @Override
  public Text exe() {
    return known("exe");
  }

  @Override
  public Text cgroup() {
    return known("cgroup");
  }

  Text workingDirectory() {
    return known("cwd");
  }

  private long number(String name) {
    Long number = numbers.get(name);
    if (number == null) {
      throw UndescribedException.of("task." + name);
    }
    return number;
  }

  private Text known(String name) {
    Text text = texts.get(name);
    if (text == null) {
      throw UndescribedException.of("task." + name);
    }
    return text;
  }

  /// Such as `uid=1000, comm=git`; empty if nothing is known.
  @Override
  public String toString() {
    var facts = new ArrayList<String>();
    for (String name : NAMES) {
      if (numbers.containsKey(name)) {
        long number = numbers.get(name);
        facts.add(name + "=" + (name.equals("caps") ? "0x" + Long.toHexString(number) : number));
      } else if (texts.containsKey(name)) {
        facts.add(name + "=" + texts.get(name));
      }
    }
    return String.join(", ", facts);
  }
}
