package dev.sluice.supervisor.audit.log;

import dev.sluice.supervisor.audit.store.SqliteLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// Reads a log to its end, and each time it is asked what was added since. A file that was renamed,
/// as it was full, is read to its end, then those that came after it, and then the one that took
/// their place. One that was emptied begins anew.
public final class LogFollower implements AutoCloseable {
  private final Path file;
  private final LogFiles.Reader reader;
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
  private final ByteArrayOutputStream rest = new ByteArrayOutputStream();
  private Optional<Opened> current = Optional.empty();

  /// Of the last line that was told of.
  private long number;

  /// @param key what the file is, whatever it is called
  private record Opened(Path path, FileChannel channel, Object key) {}

  public LogFollower(Path file, LogFiles.Reader reader) {
    this.file = file;
    this.reader = reader;
  }

  /// Tells of the lines that are there and were not told of yet. One that is not complete waits for
  /// the rest of it.
  ///
  /// @throws IOException if the file cannot be read
  public void read() throws IOException {
    if (current.isEmpty()) {
      if (SqliteLog.is(file)) {
        SqliteLog.read(
            file,
            number,
            row -> {
              number = row.number();
              reader.line(row);
            });
        return;
      }
      current = Optional.of(open(file));
    }
    readToEnd(current.get());
    for (Optional<Opened> next = next(); next.isPresent(); next = next()) {
      readToEnd(current.get()); // what was added before it was renamed
      current.get().channel().close();
      current = next;
      begin();
      readToEnd(next.get());
    }
  }

  private void begin() {
    number = 0;
    rest.reset();
  }

  /// What the file was when it was opened: the same before and afterwards, or it was another's turn
  /// in between.
  private static Opened open(Path path) throws IOException {
    while (true) {
      Object before = key(path);
      var channel = FileChannel.open(path);
      if (before.equals(keyIfThere(path).orElse(channel))) {
        return new Opened(path, channel, before);
      }
      channel.close();
    }
  }

  private static Object key(Path path) throws IOException {
    return Objects.requireNonNull(
        Files.readAttributes(path, BasicFileAttributes.class).fileKey(), "Linux has them");
  }

  private static Optional<Object> keyIfThere(Path path) throws IOException {
    try {
      return Optional.of(key(path));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /// The file that goes on where the current one has ended; empty if none does, yet.
  private Optional<Opened> next() throws IOException {
    while (true) {
      Optional<Path> numbered = numberedAfterCurrent();
      try {
        Opened next = open(numbered.orElse(file));
        if (numbered.isPresent()) {
          return Optional.of(next);
        }
        if (next.key().equals(current.orElseThrow().key())) {
          next.channel().close();
          return Optional.empty();
        }
        if (numberedAfterCurrent().isEmpty()) {
          return Optional.of(next);
        }
        next.channel().close(); // there was another in between
      } catch (NoSuchFileException e) {
        return Optional.empty(); // between two names
      }
    }
  }

  private Optional<Path> numberedAfterCurrent() throws IOException {
    List<Path> numbered;
    Path directory = Objects.requireNonNull(file.toAbsolutePath().getParent());
    String name = String.valueOf(file.getFileName());
    try (var all = Files.list(directory)) {
      numbered = all.filter(path -> isNumbered(name, path)).sorted().toList();
    }
    for (int i = 0; i < numbered.size() - 1; i++) {
      if (keyIfThere(numbered.get(i)).equals(Optional.of(current.orElseThrow().key()))) {
        return Optional.of(numbered.get(i + 1));
      }
    }
    return Optional.empty();
  }

  private static boolean isNumbered(String name, Path path) {
    String other = String.valueOf(path.getFileName());
    return other.startsWith(name + ".") && other.substring(name.length() + 1).matches("\\d{6}");
  }

  private void readToEnd(Opened from) throws IOException {
    if (from.channel().size() < from.channel().position()) {
      from.channel().position(0);
      begin();
    }
    while (from.channel().read(buffer.clear()) > 0) {
      buffer.flip();
      while (buffer.hasRemaining()) {
        byte next = buffer.get();
        if (next == '\n') {
          byte[] line = rest.toByteArray();
          rest.reset();
          reader.line(new LogFiles.Line(from.path(), ++number, line, true));
        } else {
          rest.write(next);
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (current.isPresent()) {
      current.get().channel().close();
    }
  }
}
