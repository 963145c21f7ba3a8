package dev.sluice.supervisor;

import dev.sluice.supervisor.kernel.NativePrograms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The private directory of a supervisor, for sockets and journals, while it runs.
final class Session implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);

  /// What the name of such a directory begins with; the process id follows.
  static final String PREFIX = "sluice-";

  private final Path directory;
  private int journals;

  private Session(Path directory) {
    this.directory = directory;
  }

  static Session create() {
    try {
      var onlyOurs =
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
      Path base = bases().stream().filter(Files::isWritable).findFirst().orElse(bases().getLast());
      String prefix = PREFIX + ProcessHandle.current().pid() + "-";
      return new Session(Files.createTempDirectory(base, prefix, onlyOurs));
    } catch (IOException e) {
      throw new SluiceException("no directory for sockets can be made: " + e.getMessage(), e);
    }
  }

  /// Removes the directory of whoever had this state before us, who may have been killed, and says
  /// there which is ours.
  void succeed(Path state) {
    Path name = state.resolve("session");
    try {
      if (Files.exists(name)) {
        Path before = Path.of(Files.readString(name));
        if (Files.isDirectory(before)) {
          remove(before);
        }
      }
      Files.writeString(name, directory.toString());
    } catch (IOException e) {
      throw new SluiceException("\"" + name + "\": " + e.getMessage(), e);
    }
  }

  /// Where the directories of supervisors lie, the best place first.
  static List<Path> bases() {
    var bases = new ArrayList<Path>();
    Optional.ofNullable(System.getenv("XDG_RUNTIME_DIR"))
        .filter(name -> !name.isEmpty())
        .map(Path::of)
        .ifPresent(bases::add);
    bases.add(Path.of(System.getProperty("java.io.tmpdir")));
    return bases;
  }

  Path directory() {
    return directory;
  }

  Path program(String name) throws IOException {
    return NativePrograms.find(name, directory);
  }

  synchronized Path newJournal() {
    return directory.resolve("journal-" + journals++);
  }

  @Override
  public void close() {
    remove(directory);
  }

  private static void remove(Path directory) {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.delete(directory);
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("\"{}\" cannot be removed: {}", directory, e.getMessage());
    }
  }
}
