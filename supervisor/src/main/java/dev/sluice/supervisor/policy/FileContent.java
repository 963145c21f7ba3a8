package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.policy.condition.PathAnchor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/// A file whose content a rule serves, read when the policy is loaded.
final class FileContent {
  private static final int MAX_SIZE = 16 * 1024 * 1024;

  private FileContent() {}

  /// Its content. A relative path begins where the policy lies, `~` is the home directory. Throws
  /// [IllegalArgumentException] saying why it cannot be read.
  static byte[] read(Action.Serve serve, Map<String, String> environment) {
    String text = serve.text();
    try {
      Path file =
          text.startsWith("~/")
              ? PathAnchor.path(PathAnchor.absolute(text, environment.getOrDefault("HOME", "")))
              : PathAnchor.path(serve.location().file()).resolveSibling(PathAnchor.path(text));
      return content(file);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("there is no file \"" + e.getFile() + '"', e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "the file \"" + text + "\" cannot be read: " + FileErrors.reason(e), e);
    }
  }

  /// A device has no end, and a FIFO none until somebody writes.
  private static byte[] content(Path file) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new IllegalArgumentException("\"" + file + "\" is no regular file");
    }
    try (var in = Files.newInputStream(file)) {
      byte[] content = in.readNBytes(MAX_SIZE + 1);
      if (content.length > MAX_SIZE) {
        throw new IllegalArgumentException(
            "the file \"" + file + "\" has more than " + (MAX_SIZE >> 20) + " MiB");
      }
      return content;
    }
  }
}
