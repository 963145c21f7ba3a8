package dev.sluice.supervisor;

import dev.sluice.supervisor.kernel.NativePrograms;
import dev.sluice.supervisor.kernel.Processes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The private directory of a supervisor, for its sockets, while it runs.
final class Session implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);

  /// What the name of such a directory begins with; the process id follows.
  static final String PREFIX = "sluice-";

  /// The whole name.
  private static final Pattern OURS = Pattern.compile(PREFIX + "\\d+-\\d+");

  private final Path directory;

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
        named(Files.readAllBytes(name)).ifPresent(Session::remove);
      }
      Path aside = state.resolve("session.new");
      Files.writeString(aside, directory.toString());
      Files.move(aside, name, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new SluiceException("\"" + name + "\": " + e.getMessage(), e);
    }
  }

  /// The directory of that name, if it is one of a supervisor of ours: whoever wrote it may have
  /// been killed in the middle, and what is removed must be nothing else.
  private static Optional<Path> named(byte[] name) throws IOException {
    Path named;
    try {
      named = Path.of(new String(name, StandardCharsets.UTF_8));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
    boolean ours =
        named.isAbsolute()
            && OURS.matcher(String.valueOf(named.getFileName())).matches()
            && Files.isDirectory(named, LinkOption.NOFOLLOW_LINKS)
            && (int) Files.getAttribute(named, "unix:uid", LinkOption.NOFOLLOW_LINKS)
                == Processes.geteuid();
    return ours ? Optional.of(named) : Optional.empty();
  }

  /// Where the directories of supervisors lie, the best place first.
  static List<Path> bases() {
    var bases = new ArrayList<Path>();
    // of a service (systemd.exec(5)); there may be several, with colons between them
    directory("RUNTIME_DIRECTORY")
        .map(names -> Path.of(names.replaceFirst(":.*", "")))
        .ifPresent(bases::add);
    directory("XDG_RUNTIME_DIR").map(Path::of).ifPresent(bases::add);
    bases.add(Path.of(System.getProperty("java.io.tmpdir")));
    return bases;
  }

  private static Optional<String> directory(String variable) {
    return Optional.ofNullable(System.getenv(variable)).filter(name -> !name.isEmpty());
  }

  Path directory() {
    return directory;
  }

  Path program(String name) throws IOException {
    return NativePrograms.find(name, directory);
  }

  /// May be called again.
  @Override
  public synchronized void close() {
    if (Files.exists(directory)) {
      remove(directory);
    }
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
