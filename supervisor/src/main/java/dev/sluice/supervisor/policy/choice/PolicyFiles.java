package dev.sluice.supervisor.policy.choice;

import dev.sluice.supervisor.policy.Container;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.FileErrors;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.PolicyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The policies there are, as their files were when they were read: one for everybody, or those of
/// a directory by their names, which are the files' without `.yaml`, `.yml` or `.json`.
public final class PolicyFiles {
  /// A policy's text. Where it was read is what stands in front of complaints.
  public record Source(String name, Path file, String text) {
    /// What was read from `file`, of which it has its name.
    public static Source of(Path file, String text) {
      String name = String.valueOf(file.getFileName()).replaceFirst(SUFFIX, "");
      return new Source(name, file, text);
    }
  }

  private static final String SUFFIX = "\\.(ya?ml|json)$";

  private final Map<String, Source> byName;
  private final Optional<Source> single;
  private final PolicyChoice choice;
  private final boolean chosen;

  private PolicyFiles(
      Map<String, Source> byName, Optional<Source> single, PolicyChoice choice, boolean chosen) {
    this.byName = byName;
    this.single = single;
    this.choice = choice;
    this.chosen = chosen;
  }

  /// Reads them.
  ///
  /// @param single the policy of everybody, or of whom nothing in `directory` is for
  /// @param text what is in that file, if that is known
  /// @throws PolicyException if a file cannot be read, or a choice names no policy
  public static PolicyFiles read(
      Optional<Path> single, Optional<String> text, Optional<Path> directory)
      throws PolicyException {
    Optional<Source> source = Optional.empty();
    if (single.isPresent()) {
      source = Optional.of(source(single.get(), text));
    }
    var byName = new TreeMap<String, Source>();
    if (directory.isEmpty()) {
      return new PolicyFiles(byName, source, PolicyChoice.BY_NAME, false);
    }
    var complaints = new ArrayList<Diagnostic>();
    for (Path file : list(directory.get())) {
      Source each = source(file, Optional.empty());
      Source other = byName.putIfAbsent(each.name, each);
      if (other != null) {
        complaints.add(complaint(file, "\"" + other.file + "\" has the same name"));
      }
      if (source.isPresent() && hides(each, source.get())) {
        String message = "\"" + source.get().file + "\", which is given too, has the same name";
        complaints.add(complaint(file, message));
      }
    }
    PolicyChoice choice = PolicyChoice.read(directory.get());
    for (Map.Entry<String, Location> name : choice.names()) {
      if (!byName.containsKey(name.getKey())) {
        String message = "there is no policy '" + name.getKey() + "' in this directory";
        complaints.add(Diagnostic.error(name.getValue(), message));
      }
    }
    if (byName.isEmpty() && source.isEmpty()) {
      complaints.add(complaint(directory.get(), "there is no policy in this directory"));
    }
    if (!complaints.isEmpty()) {
      throw new PolicyException(complaints);
    }
    return new PolicyFiles(byName, source, choice, true);
  }

  /// Whether `one` would silently be taken for `other`.
  private static boolean hides(Source one, Source other) {
    try {
      return one.name.equals(other.name) && !Files.isSameFile(one.file, other.file);
    } catch (IOException e) {
      return true; // such as of one that is in no file
    }
  }

  private static Source source(Path file, Optional<String> text) throws PolicyException {
    return Source.of(file, PolicyCompiler.read(file, text));
  }

  /// A ConfigMap that is mounted has its files twice, once in directories whose names begin with a
  /// dot.
  private static List<Path> list(Path directory) throws PolicyException {
    try (var files = Files.list(directory)) {
      return files
          .filter(file -> isPolicy(file.getFileName().toString()) && Files.isRegularFile(file))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new PolicyException(
          List.of(complaint(directory, "the directory cannot be read: " + FileErrors.reason(e))));
    }
  }

  /// Whoever reads a FIFO waits for one who writes.
  ///
  /// @throws PolicyException if `file` is there, and such a thing
  public static void checkRegular(Path file) throws PolicyException {
    if (Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file)) {
      throw new PolicyException(List.of(complaint(file, "this is no regular file")));
    }
  }

  private static boolean isPolicy(String name) {
    return name.matches("[^.].*" + SUFFIX)
        && !name.matches(".*\\.test\\.ya?ml")
        && !name.equals(PolicyChoice.FILE);
  }

  private static Diagnostic complaint(Path file, String message) {
    return Diagnostic.error(new Location(file.toString(), 1, 1), message);
  }

  /// All of them, each once: the one of everybody may be one of the directory's.
  public List<Source> all() {
    var all = new ArrayList<Source>();
    single.filter(each -> !byName.containsKey(each.name)).ifPresent(all::add);
    all.addAll(byName.values());
    return all;
  }

  /// What those are under of whom nothing is known.
  public Optional<Source> fallback() {
    return source(choose(Container.NONE, "").name());
  }

  /// The policy of that name.
  public Optional<Source> source(String name) {
    Optional<Source> alone = single.filter(source -> source.name.equals(name));
    return chosen && byName.containsKey(name) ? Optional.of(byName.get(name)) : alone;
  }

  /// @param metadata `listenerMetadata` of its profile
  public Choice choose(Container container, String metadata) {
    String otherwise = single.map(Source::name).orElse("");
    return chosen
        ? choice.choose(container, metadata, otherwise)
        : new Choice(otherwise, "the only one");
  }
}
