package dev.sluice.supervisor.policy.condition;

import dev.sluice.supervisor.policy.BadCharacter;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Where a path in a policy lies. Conditions see canonical paths, so the directories a policy names
/// are made canonical too, as far as they exist when it is compiled: a link on the way would keep a
/// rule from ever matching. They count as they are written, too: in another root directory, as a
/// container's, what is a link here may be none.
public final class PathAnchor {
  private static final String META = "*?[{\\";

  private PathAnchor() {}

  /// A path as java.nio has it. Throws [IllegalArgumentException] if there is none of that name.
  public static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      String reason =
          BadCharacter.in(text)
              .map(bad -> "no path has " + bad)
              .orElse("the locale has no such characters; one with UTF-8 is LC_ALL=C.UTF-8");
      throw new IllegalArgumentException("'" + text + "': " + reason, e);
    }
  }

  /// Throws [IllegalArgumentException] if `text` is neither absolute nor below `~`.
  public static String directory(String text, String home) {
    return resolve(absolute(text, home), text);
  }

  /// The directory as it is written, and as [#directory], if that is another. Throws
  /// [IllegalArgumentException].
  static List<String> directories(String text, String home) {
    String written = path(absolute(text, home)).normalize().toString();
    return Stream.of(written, directory(text, home)).distinct().toList();
  }

  /// The same for a pattern: the directories before the first `*`, `?`, `[` or `{`.
  static List<String> patterns(String text, String home) {
    if (text.startsWith("**")) {
      return List.of(text);
    }
    String absolute = absolute(text, home);
    // what home is called is no pattern
    int meta = absolute.length() - text.length() + firstMeta(text);
    int slash = meta == absolute.length() ? meta : absolute.lastIndexOf('/', meta);
    if (slash <= 0) {
      return List.of(absolute);
    }
    String rest = absolute.substring(slash);
    return directories(absolute.substring(0, slash), home).stream()
        .map(directory -> (directory.equals("/") ? "" : literal(directory)) + rest)
        .toList();
  }

  /// The index of what is not written as it is meant; the end if there is nothing.
  static int firstMeta(String pattern) {
    int meta = 0;
    while (meta < pattern.length() && META.indexOf(pattern.charAt(meta)) < 0) {
      meta++;
    }
    return meta;
  }

  /// The pattern that matches `path` alone, whatever its bytes would mean.
  private static String literal(String path) {
    var pattern = new StringBuilder();
    for (int i = 0; i < path.length(); i++) {
      if (META.indexOf(path.charAt(i)) >= 0) {
        pattern.append('\\');
      }
      pattern.append(path.charAt(i));
    }
    return pattern.toString();
  }

  /// A path as it is written, but for `~`.
  ///
  /// @param home what that stands for; empty if nothing does
  public static String absolute(String text, String home) {
    if (text.equals("~") || text.startsWith("~/")) {
      if (home.isEmpty()) {
        throw new IllegalArgumentException("'" + text + "': the environment has no variable HOME");
      }
      if (!home.startsWith("/")) {
        throw new IllegalArgumentException(
            "'" + text + "': HOME is '" + home + "', which is no absolute path");
      }
      return home + text.substring(1);
    }
    if (!text.startsWith("/")) {
      throw new IllegalArgumentException(
          "'" + text + "' must begin with /, ~ or **, as it is compared with absolute paths");
    }
    return text;
  }

  private static String resolve(String absolute, String text) {
    Path path = path(absolute).normalize();
    for (Path existing = path; existing != null; existing = existing.getParent()) {
      try {
        return existing.toRealPath().resolve(existing.relativize(path)).toString();
      } catch (IOException missing) {
        // its parent may exist
      }
    }
    throw new IllegalArgumentException("'" + text + "' cannot be resolved");
  }
}
