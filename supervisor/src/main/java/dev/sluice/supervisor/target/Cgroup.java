package dev.sluice.supervisor.target;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A cgroup, and those above it, up to but not including the root, which has no limits.
///
/// @param chain their directories, its own first
/// @param isUnified whether they are of version 2
public record Cgroup(List<CgroupDirectory> chain, boolean isUnified) {
  public Cgroup {
    chain = List.copyOf(chain);
  }

  /// The lowest of a limit in all of them, with where that is; empty if there is none (`max`, or a
  /// number beyond what anything has).
  public Optional<Limit> lowest(String file) {
    return chain.stream()
        .flatMap(group -> limit(group, file).stream())
        .min(Comparator.comparingLong(Limit::value));
  }

  /// A limit, and the directory of the group that has it.
  public record Limit(CgroupDirectory group, long value) {}

  private static Optional<Limit> limit(CgroupDirectory group, String file) {
    OptionalLong value = number(group, file);
    return value.isPresent() ? Optional.of(new Limit(group, value.getAsLong())) : Optional.empty();
  }

  /// The number that is all of a file; empty if it is not there, or no number.
  public static OptionalLong number(CgroupDirectory group, String file) {
    return text(group, file).map(Cgroup::number).orElse(OptionalLong.empty());
  }

  private static OptionalLong number(String text) {
    try {
      return OptionalLong.of(Long.parseLong(text));
    } catch (NumberFormatException e) {
      return OptionalLong.empty(); // max
    }
  }

  /// The value of a key in a file such as memory.stat; empty if there is none.
  public static OptionalLong value(CgroupDirectory group, String file, String key) {
    Matcher line =
        Pattern.compile("^" + Pattern.quote(key) + " (\\d+)$", Pattern.MULTILINE)
            .matcher(text(group, file).orElse(""));
    return line.find() ? number(line.group(1)) : OptionalLong.empty();
  }

  /// A file, without white space around; empty if it cannot be read: the group was removed, or is
  /// not ours to see.
  public static Optional<String> text(CgroupDirectory group, String file) {
    return group.read(file).map(String::strip);
  }
}
