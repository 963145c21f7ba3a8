package dev.sluice.agent.keeper;

import dev.sluice.supervisor.EarlierPolicies;
import dev.sluice.supervisor.policy.choice.PolicyFiles.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/// The policies of a listener in two files of ours: the one its filter is for, and the one that
/// decides, if that has become another. What the files they were read from say when it is taken
/// back may be wrong, or nothing that its filter can express. In each, the path of the file it was
/// read from is in front of a policy's text, and a NUL between them.
final class KeptPolicies {
  private static final char END = '\0'; // is in no path

  private final Path installed;
  private final Path deciding;
  private Optional<EarlierPolicies> known = Optional.empty();

  /// Of a listener of which nothing is kept yet.
  KeptPolicies(Path installed, Path deciding) {
    this.installed = installed;
    this.deciding = deciding;
  }

  /// What is kept of one.
  ///
  /// @throws IllegalArgumentException if that is no policy
  /// @throws IOException if it cannot be read now
  static KeptPolicies read(Path installed, Path deciding) throws IOException {
    var kept = new KeptPolicies(installed, deciding);
    Optional<Source> first = source(installed);
    if (first.isPresent()) {
      Source last = source(deciding).orElse(first.get());
      kept.known = Optional.of(new EarlierPolicies(first.get(), last));
    }
    return kept;
  }

  private static Optional<Source> source(Path kept) throws IOException {
    String content;
    try {
      content = Files.readString(kept);
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
    int end = content.indexOf(END);
    if (end < 0) {
      throw new IllegalArgumentException("\"" + kept + "\" is not whole");
    }
    Path file = Path.of(content.substring(0, end));
    return Optional.of(Source.of(file, content.substring(end + 1)));
  }

  /// Empty if none was kept: then there was no policy, or an agent before us kept none.
  synchronized Optional<EarlierPolicies> known() {
    return known;
  }

  /// Keeps what decides from here on. Its filter is for the first.
  synchronized void keep(Source source) throws IOException {
    if (known.isEmpty()) {
      write(installed, source);
      known = Optional.of(new EarlierPolicies(source, source));
    } else if (!known.get().deciding().equals(source)) {
      write(deciding, source);
      known = Optional.of(new EarlierPolicies(known.get().installed(), source));
    }
  }

  private static void write(Path kept, Source source) throws IOException {
    Path aside = Path.of(kept + ".new");
    Files.writeString(aside, source.file().toString() + END + source.text());
    Files.move(aside, kept, StandardCopyOption.ATOMIC_MOVE);
  }
}
