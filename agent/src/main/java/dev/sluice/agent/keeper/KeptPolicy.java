package dev.sluice.agent.keeper;

import dev.sluice.supervisor.policy.choice.PolicyFiles.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// A policy's text in a file of ours, behind the path of the file it was read from and a NUL. The
/// filter of a container is for the policy it was started under, whatever that file says since.
final class KeptPolicy {
  private static final char END = '\0'; // is in no path

  private KeptPolicy() {}

  static void write(Path kept, Source source) throws IOException {
    Files.writeString(kept, source.file().toString() + END + source.text());
  }

  /// Empty if none was kept: then there was no policy, or an agent before us kept none.
  static Optional<Source> read(Path kept) throws IOException {
    if (!Files.exists(kept)) {
      return Optional.empty();
    }
    String content = Files.readString(kept);
    int end = content.indexOf(END);
    if (end < 0) {
      throw new IOException("\"" + kept + "\" is not whole");
    }
    Path file = Path.of(content.substring(0, end));
    return Optional.of(Source.of(file, content.substring(end + 1)));
  }
}
